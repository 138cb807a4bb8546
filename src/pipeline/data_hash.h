#pragma once

#include <string>
#include <vector>

#include "preannotate/data/dataset.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/pipeline/seed.h"

namespace preannotate {

/// run.json's data.sha256: what exactly a run learned from. One line an image, sorted: the hash of
/// its file and its labels by name.
///
/// sha256: [N] of the files; labels, boxes: [N] with indices into `categories`.
std::string hash_of_labels(const std::vector<std::string>& sha256,
                           const std::vector<std::vector<int>>& labels,
                           const std::vector<std::string>& categories);
/// The same of samples of a seed, at `samples`; an image that is anything but its label says so.
std::string hash_of_classes(const Seed& seed, const std::vector<size_t>& samples,
                            const std::vector<std::string>& sha256);
std::string hash_of_boxes(const std::vector<std::string>& sha256,
                          const std::vector<std::vector<TruthBox>>& boxes,
                          const std::vector<std::string>& categories);

}  // namespace preannotate
