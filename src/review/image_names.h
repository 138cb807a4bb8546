#pragma once

#include <map>
#include <string>
#include <vector>

#include "preannotate/review/draft_set.h"

namespace preannotate {

/// Finds the images that an export names among the drafts. Tools drop folders, or put one before,
/// and change the extension: a name stands for the draft with that path, else for those whose path
/// without extension ends with it, or ends it, whole names between '/'.
class ImageNames {
 public:
  explicit ImageNames(const DraftSet& drafts);

  /// Keys of the drafts that `image` may stand for: one when it is clear, none when it is unknown.
  std::vector<std::string> matches(const std::string& image) const;

 private:
  const DraftSet& drafts_;
  std::multimap<std::string, std::string> by_name_;  // key, by its last name without extension
};

}  // namespace preannotate
