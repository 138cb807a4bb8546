#pragma once

#include <optional>
#include <vector>

#include "preannotate/data/answer_log.h"
#include "preannotate/review/import.h"

namespace preannotate {

/// What is to stand of an image that several people may have answered.
struct Settled {
  std::vector<Label> labels;
  std::vector<ImportConflict> conflicts;
  bool ask = false;  // somebody is to look again
};

/// `voices`: answers to the same drafts, in order of time, one a person, at least one; `ours`: the
/// answer of another that stands without them. Blind answers are each the whole truth, others are
/// changes to what was sent: ours is merged with what the voices make of it. `resolve` as in
/// ImportOptions.
Settled settled(const std::vector<Answer>& voices, const std::optional<Answer>& ours,
                const std::string& resolve, const Likeness& likeness);

}  // namespace preannotate
