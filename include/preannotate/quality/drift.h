#pragma once

#include <cstddef>
#include <vector>

#include "preannotate/metrics/accuracy.h"

namespace preannotate {

/// What a folder has in one stratum of the seed's scale (strangeness.h).
struct StratumTally {
  std::size_t seed = 0, folder = 0;  // images
  double shares = 0;                 // sum of Strangeness::share over the folder's images
  std::size_t strange = 0;           // of these, above kStrange

  void add(double share);
};

enum class DriftVerdict {
  kLike,    // nothing speaks for another kind of images
  kUnlike,  // the folder's images are stranger to the seed than its own are to each other
  kTooFew,  // fewer than kLeastImages of the folder, or of the seed
};

struct Drift {
  DriftVerdict verdict = DriftVerdict::kTooFew;
  std::size_t images = 0;  // that the verdict is from
  /// Probability that an image of the folder is stranger than one of the seed given the same
  /// class; 1/2 when both are alike. With a 95 % interval. 1/2, 0 to 1 without images.
  Interval auc{0.5, 0, 1};
  double p_value = 1;        // of a folder like the seed being this strange, one-sided
  double strange_share = 0;  // images stranger than 95 % of the seed's of their class
};

/// Folders and seeds smaller than that get no verdict.
constexpr std::size_t kLeastImages = 20;
/// A folder is unlike the seed when p is below the one and AUC above the other: p alone would
/// condemn any large folder for a difference that does not matter.
constexpr double kMostDriftP = 0.001, kLeastDriftAuc = 0.6;
/// Images above this share are strange.
constexpr double kStrange = 0.95;

/// The stratified rank sum test of van Elteren (1960): AUCs of the strata, each weighted by
/// n m / (n + m + 1) for n images of the seed and m of the folder, with 1.2 times its variance
/// because shares of a stratum are not independent. The interval is Wilson's for a share of as many
/// trials as give that variance at 1/2.
Drift drift(const std::vector<StratumTally>& strata);

/// How often the seed's classes come in the folder.
struct ClassMix {
  std::vector<double> seed, folder;  // [classes] shares; zeros when there is nothing
  double total_variation = 0;        // half the sum of absolute differences, [0, 1]
  std::vector<std::size_t> missing;  // classes that never come, where 10 and more were likely
  int dominant = -1;  // class of 90 % of the folder's labels but not of the seed's; -1: none
};

/// Labels of each class in the seed and in the folder.
ClassMix class_mix(const std::vector<std::size_t>& seed, const std::vector<std::size_t>& folder);

}  // namespace preannotate
