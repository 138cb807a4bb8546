#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "preannotate/data/check.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// What readers of the raw file trip over although ours takes it. Broken files give nothing:
/// reading says what is wrong with them.
std::vector<Finding> lint_coco(const std::filesystem::path& path);
std::vector<Finding> lint_label_studio(const std::filesystem::path& path);
std::vector<Finding> lint_yolo(const std::filesystem::path& path);
std::vector<Finding> lint_cvat(const std::filesystem::path& path);
std::vector<Finding> lint_voc(const std::filesystem::path& path);

/// What is odd about the labels whatever their format: classes that are never used, a label twice,
/// images that are not there or have another size than the labels say, names that differ in case
/// only.
std::vector<Finding> lint_dataset(const Dataset& dataset);

/// "annotations[3]" -> its line, of the lists that formats of ours have in a JSON file (of the
/// outermost list: "[3]"). Of broken JSON those before the break.
std::map<std::string, size_t> lines_of_items(const std::filesystem::path& file);

}  // namespace preannotate
