#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "preannotate/core/box.h"

namespace preannotate {

/// One label that looks wrong, or one that looks missing; as issues.json has it (issues.h).
struct Suspect {
  std::string kind{};
  size_t sample = 0;                  // into the data set
  std::string label{}, suggestion{};  // "": none is given, none is suggested
  double score = 1;
  bool flagged = false;
  std::optional<Box> box{}, suggested_box{};  // the label's, the draft's
  double confidence = -1;                     // of the suggestion; -1: not known
  std::optional<size_t> other{};              // sample that shows the same
};

}  // namespace preannotate
