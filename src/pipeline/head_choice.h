#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "labelled_features.h"
#include "preannotate/core/json.h"

namespace preannotate {

/// Which images train, which judge.
struct Division {
  std::vector<size_t> train, held_out;  // indices into LabelledFeatures; held_out may be empty
  std::vector<int> folds;               // of `train`: [0, F) or -1; empty: no folds
  std::string method;                   // "5-fold out-of-fold", "hold-out 20 %"; "" when neither
  std::string no_estimate_reason;       // why there is no validation, when method is ""
};

/// val > 0: a stratified hold-out, and folds within the rest for the choice of lambda. Images of
/// identical content share a fold, so that none is judged by its own copy; rejected ones always
/// train and judge nothing.
Division divide(const LabelledFeatures& features, const Seed& seed, double val, int folds,
                std::uint64_t random_seed);

/// A head and the logits it is judged by.
struct FittedHead {
  HeadFit fit;
  bool pulled = false;         // to an earlier head instead of to 0
  bool maps = false;           // reads the pooled maps beside the embedding
  double temperature = 1;      // fitted on the out-of-fold logits
  torch::Tensor judged;        // [M, C] logits of the judged images (held out, or out of fold)
  std::vector<size_t> images;  // [M] indices into LabelledFeatures
};

/// The head of an earlier run on the same features.
struct EarlierHead {
  LinearHead head;
  bool maps = false;
  std::vector<bool> known;  // [samples of the seed] it learned from them
};

/// Fits `maps` or not, on the division; with `earlier` pulled to that, whose `maps` is the same.
/// lambdas: as HeadOptions has them.
FittedHead fit_on(const LabelledFeatures& features, const Seed& seed, const Division& division,
                  std::int64_t columns, bool maps, int threads,
                  const EarlierHead* earlier = nullptr, const std::vector<double>& lambdas = {});

/// The temperature that fits [N, C] logits to the labels; rows with NaN are left out.
double calibrate(const torch::Tensor& logits, const std::vector<std::vector<int>>& labels,
                 size_t classes, Link link);

/// Least out-of-fold log-loss over the penalties; infinity without folds.
const PathPoint* best_point(const HeadFit& fit);

/// features: auto, embedding or embedding+maps; auto takes the maps when cross-validated log-loss
/// is lower with them. `earlier`: a head pulled to it is tried too, and taken unless the log-loss
/// is higher. `tried` receives metrics.json's "feature_choice" entries.
FittedHead choose_head(const LabelledFeatures& features, const Seed& seed, const Division& division,
                       const FeatureLayout& layout, const std::string& wanted, int side,
                       int threads, Json& tried, const EarlierHead* earlier = nullptr);

/// One "feature_choice" entry.
Json choice_entry(const HeadFit& fit, bool maps, int side, bool chosen);

}  // namespace preannotate
