#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "preannotate/core/problems.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// Labelled images, checked for what can be learned from them or judged by them.
struct Seed {
  Dataset dataset;
  std::string task;                      // classify, multilabel or detect
  std::string task_reason;               // why, when it was not asked for
  std::vector<std::vector<int>> labels;  // [N] category indices of each sample, sorted, unique
  // Of what people reviewed; both empty where all labels are as good as each other.
  std::vector<double> trust;   // [N] weight of a sample's labels in training, (0, 1]
  std::vector<bool> rejected;  // [N] classify: the image is anything but its label
  bool is_rejected(size_t sample) const { return !rejected.empty() && rejected[sample]; }
};

/// Reads with `format` ("" = detected); `task` "" is decided by the labels: detect when any has a
/// box, multilabel when an image has several labels or none, else classify. For classify and
/// multilabel boxes count as image-level labels of their category. Throws UserError: kBadInput for
/// no image, no label, an image with several labels where classify was asked for, no box where
/// detect was; kUsageError for another task.
Seed read_seed(const std::filesystem::path& path, std::string_view format, std::string_view task);

/// Boxes that are no crowds.
long count_boxes(const Dataset& dataset);

/// What reading the labels met: what was left out goes to `problems`, what was used all the same is
/// said in a warning a kind.
void note_reading_problems(const Dataset& dataset, Problems& problems);

/// Images of each category.
std::vector<long> images_per_category(const Seed& seed);

}  // namespace preannotate
