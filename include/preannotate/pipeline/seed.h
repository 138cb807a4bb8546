#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// Labelled images, checked for what a classifier can learn from or be judged by.
struct Seed {
  Dataset dataset;
  std::string task;                      // classify or multilabel
  std::string task_reason;               // why, when it was not asked for
  std::vector<std::vector<int>> labels;  // [N] category indices of each sample, sorted, unique
};

/// Reads with `format` ("" = detected); `task` "" is decided by the labels: multilabel when an
/// image has several labels or none. Boxes count as image-level labels of their category. Throws
/// UserError: kBadInput for no image, no label, an image with several
/// labels where classify was asked for; kUsageError for another task.
Seed read_seed(const std::filesystem::path& path, std::string_view format, std::string_view task);

/// Images of each category.
std::vector<long> images_per_category(const Seed& seed);

}  // namespace preannotate
