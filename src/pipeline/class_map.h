#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace preannotate {

/// Position in the model's `classes` of each of a data set's `categories`. Throws
/// UserError(kBadInput) naming `path` and the nearest class for one that the model does not know.
std::vector<int> class_map(const std::vector<std::string>& categories,
                           const std::vector<std::string>& classes,
                           const std::filesystem::path& path);

}  // namespace preannotate
