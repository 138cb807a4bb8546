#include "preannotate/quality/drift.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace preannotate {
namespace {

// Of a class missing, where chance would leave it out once in 20,000 folders; and of a class that
// is nearly all.
constexpr double kExpected = 10, kNearlyAll = 0.9;
// The shares of a stratum depend on each other through the neighbours that they have in common: in
// simulations their rank sum's standard deviation is up to 1.09 times that of independent ones.
constexpr double kDependence = 1.2;              // of the variance
constexpr double kQuantile = 1.959963984540054;  // 97.5 % of the normal distribution

/// Wilson's interval of a share whose variance at 1/2 is `variance`.
Interval interval_of(double share, double variance) {
  const double trials = 1 / (4 * variance), z2 = kQuantile * kQuantile;
  const double middle = (share + z2 / (2 * trials)) / (1 + z2 / trials);
  const double half = kQuantile / (1 + z2 / trials) *
                      std::sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials));
  return {share, std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

/// P(Z > z)
double upper_tail(double z) {
  return 0.5 * std::erfc(z / std::sqrt(2.0));
}

std::vector<double> shares_of(const std::vector<std::size_t>& counts) {
  const auto total =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0}));
  std::vector<double> shares;
  for (const std::size_t count : counts) {
    shares.push_back(total > 0 ? static_cast<double>(count) / total : 0);
  }
  return shares;
}

}  // namespace

void StratumTally::add(double share) {
  ++folder;
  shares += share;
  strange += share > kStrange;
}

Drift drift(const std::vector<StratumTally>& strata) {
  Drift found;
  std::size_t seed = 0, strange = 0;
  double weights = 0, auc = 0, variance = 0;
  for (const StratumTally& stratum : strata) {
    seed += stratum.seed;
    found.images += stratum.folder;
    strange += stratum.strange;
    const auto n = static_cast<double>(stratum.seed), m = static_cast<double>(stratum.folder);
    if (m == 0 || n == 0) continue;
    const double weight = n * m / (n + m + 1);
    weights += weight;
    auc += weight * stratum.shares / m;
    variance += kDependence * weight * weight * (n + m + 1) / (12 * n * m);
  }
  if (weights == 0) return found;
  auc /= weights;
  variance /= weights * weights;
  found.auc = interval_of(auc, variance);
  found.p_value = upper_tail((auc - 0.5) / std::sqrt(variance));
  found.strange_share = static_cast<double>(strange) / static_cast<double>(found.images);
  if (found.images < kLeastImages || seed < kLeastImages) return found;
  const bool unlike = found.p_value < kMostDriftP && auc > kLeastDriftAuc;
  found.verdict = unlike ? DriftVerdict::kUnlike : DriftVerdict::kLike;
  return found;
}

ClassMix class_mix(const std::vector<std::size_t>& seed, const std::vector<std::size_t>& folder) {
  assert(seed.size() == folder.size());
  ClassMix mix;
  mix.seed = shares_of(seed);
  mix.folder = shares_of(folder);
  const auto total =
      static_cast<double>(std::accumulate(folder.begin(), folder.end(), std::size_t{0}));
  if (total == 0) return mix;
  for (std::size_t c = 0; c < seed.size(); ++c) {
    mix.total_variation += 0.5 * std::abs(mix.seed[c] - mix.folder[c]);
    if (folder[c] == 0 && mix.seed[c] * total >= kExpected) mix.missing.push_back(c);
    if (mix.folder[c] >= kNearlyAll && mix.seed[c] < kNearlyAll) mix.dominant = static_cast<int>(c);
  }
  return mix;
}

}  // namespace preannotate
