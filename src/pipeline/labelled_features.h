#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "preannotate/core/problems.h"
#include "preannotate/model/classifier.h"
#include "preannotate/model/features.h"
#include "preannotate/pipeline/seed.h"

namespace preannotate {

/// Features of the labelled images that could be used.
struct LabelledFeatures {
  std::vector<size_t> samples;      // [N] index into the seed's samples
  std::vector<std::string> sha256;  // [N] of the files
  torch::Tensor features;           // [N, V, D] float32
  FeatureLayout layout;             // of D
  double seconds = 0;
};

/// Images that cannot be used go to `problems`.
LabelledFeatures extract_features(const Backbone& backbone, const Dataset& dataset,
                                  const FeatureOptions& options, Problems& problems);

/// Rows of the head's training set, all views of the images in `rows` (indices into `features`),
/// first `columns` feature columns; groups are numbered as in `rows`.
HeadData head_data(const LabelledFeatures& features, const std::vector<size_t>& rows,
                   const Seed& seed, std::int64_t columns);

/// Labels of the images in `rows` (indices into `features`).
std::vector<std::vector<int>> labels_of(const LabelledFeatures& features, const Seed& seed,
                                        const std::vector<size_t>& rows);

/// Targets of one row for each image, as HeadData wants them.
torch::Tensor targets_of(const std::vector<std::vector<int>>& labels, size_t classes, Link link);

/// [N, C] logits -> probabilities at `temperature`; rows with NaN become empty.
std::vector<std::vector<double>> probabilities(const torch::Tensor& logits, Link link,
                                               double temperature);

/// [N, C] logits as plain numbers; rows with NaN become empty.
std::vector<std::vector<double>> rows_of(const torch::Tensor& logits);

}  // namespace preannotate
