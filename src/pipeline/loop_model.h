#pragma once

#include <string>
#include <vector>

#include "labelled_features.h"

namespace preannotate {

/// What the model of one round says, as probabilities of each class.
struct RoundScores {
  std::vector<std::vector<double>> all;          // [N][C] of every image
  std::vector<std::vector<double>> out_of_fold;  // [N][C] of those labelled; empty elsewhere
};

/// The head that train would fit, again and again as labels come in: features are computed once,
/// whether to read the maps is decided while labels are few, and the penalty is looked for near
/// that of the round before.
class LoopModel {
 public:
  /// features: of all images; both must outlive it.
  LoopModel(const LabelledFeatures& features, int threads, std::uint64_t seed);

  /// `answers`: labels by sample of the features, -1 for none.
  RoundScores train(const Seed& seed, const std::vector<int>& answers);

 private:
  const LabelledFeatures& features_;
  int threads_;
  std::uint64_t seed_;
  bool maps_ = false;
  double lambda_ = 0;  // of the round before; 0: none yet
};

}  // namespace preannotate
