#pragma once

#include <map>
#include <string>
#include <vector>

#include "preannotate/core/error.h"

namespace preannotate {

/// One input that was left out, or used with a warning.
struct Problem {
  std::string input;   // path as the user knows it
  std::string reason;  // code of the bad-input catalogue: truncated, not_an_image, ...
  std::string detail;  // the sentence for people
};

/// Inputs left out, with their reason. Each is named on stderr once (the first 10 of a reason, then
/// counted); any makes the command end with kSomeSkipped.
class Problems {
 public:
  void add(Problem problem);
  const std::vector<Problem>& all() const { return all_; }
  bool empty() const { return all_.empty(); }
  std::map<std::string, size_t> count_by_reason() const;
  /// "3 of 1,050 images were left out: 2 truncated, 1 not_an_image" on stderr, nothing when empty.
  void log_summary(size_t total) const;
  ExitCode exit_code() const { return all_.empty() ? kDone : kSomeSkipped; }

 private:
  std::vector<Problem> all_;
};

}  // namespace preannotate
