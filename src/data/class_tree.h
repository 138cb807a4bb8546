#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace preannotate {

/// The splits of a YOLO classification tree, <split>/<class>/<image>: the folders of `root`,
/// sorted, when there are only train, val and test among them and each holds folders with images
/// and no image of its own. Else none: then the folders of `root` may be classes themselves.
std::vector<std::filesystem::path> class_tree_splits(const std::filesystem::path& root);

}  // namespace preannotate
