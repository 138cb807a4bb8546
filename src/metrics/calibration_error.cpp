#include "preannotate/metrics/calibration_error.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

constexpr int kBins = 15;

size_t bin_of(double confidence, int bins) {
  const double scaled = std::floor(confidence * bins);
  return static_cast<size_t>(std::clamp(scaled, 0.0, bins - 1.0));  // 1.0 belongs to the last
}

/// Sum over the bins of |hits - confidence|; divided by the items it is the ECE.
class Gaps {
 public:
  void add(size_t bin, double confidence, int right) { gap_[bin] += right - confidence; }
  double error(size_t items) const {
    double sum = 0;
    for (const double gap : gap_) sum += std::abs(gap);
    return sum / static_cast<double>(items);
  }

 private:
  double gap_[kBins] = {};
};

/// Linear interpolation between the order statistics.
double percentile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

std::vector<ReliabilityBin> reliability(const std::vector<double>& confidence,
                                        const std::vector<int>& right, int bins) {
  assert(confidence.size() == right.size());
  std::vector<ReliabilityBin> result(static_cast<size_t>(bins));
  for (size_t b = 0; b < result.size(); ++b) {
    result[b].low = static_cast<double>(b) / bins;
    result[b].high = static_cast<double>(b + 1) / bins;
  }
  for (size_t i = 0; i < confidence.size(); ++i) {
    auto& bin = result[bin_of(confidence[i], bins)];
    ++bin.items;
    bin.confidence += confidence[i];
    bin.accuracy += right[i];
  }
  for (auto& bin : result) {
    if (bin.items == 0) continue;
    bin.confidence /= static_cast<double>(bin.items);
    bin.accuracy /= static_cast<double>(bin.items);
  }
  return result;
}

Interval expected_calibration_error(const std::vector<double>& confidence,
                                    const std::vector<int>& right, std::uint64_t seed,
                                    int repeats) {
  assert(confidence.size() == right.size());
  const size_t n = confidence.size();
  if (n == 0) return {};
  std::vector<size_t> bin(n);
  Gaps gaps;
  for (size_t i = 0; i < n; ++i) {
    bin[i] = bin_of(confidence[i], kBins);
    gaps.add(bin[i], confidence[i], right[i]);
  }
  const double value = gaps.error(n);

  Random random(seed);
  std::vector<double> resampled;
  for (int r = 0; r < repeats; ++r) {
    Gaps drawn;
    for (size_t k = 0; k < n; ++k) {
      const size_t i = random.below(n);
      drawn.add(bin[i], confidence[i], right[i]);
    }
    resampled.push_back(drawn.error(n));
  }
  if (resampled.empty()) return {value, value, value};
  std::sort(resampled.begin(), resampled.end());
  return {value, percentile(resampled, 0.025), percentile(resampled, 0.975)};
}

Interval ece_if_calibrated(const std::vector<double>& confidence, std::uint64_t seed, int repeats) {
  if (confidence.empty()) return {0, 0, 0};
  std::vector<size_t> bin;
  for (const double one : confidence) bin.push_back(bin_of(one, kBins));
  Random random(seed);
  std::vector<double> drawn;
  double sum = 0;
  for (int r = 0; r < repeats; ++r) {
    Gaps gaps;
    for (size_t i = 0; i < bin.size(); ++i) {
      gaps.add(bin[i], confidence[i], random.uniform() < confidence[i]);
    }
    drawn.push_back(gaps.error(bin.size()));
    sum += drawn.back();
  }
  std::sort(drawn.begin(), drawn.end());
  return {sum / repeats, percentile(drawn, 0.05), percentile(drawn, 0.95)};
}

Interval brier_interval(const std::vector<std::vector<double>>& probabilities,
                        const std::vector<int>& truth, std::uint64_t seed, int repeats) {
  const size_t n = truth.size();
  if (n == 0) return {0, 0, 0};
  std::vector<double> scores;
  for (size_t i = 0; i < n; ++i) scores.push_back(brier_score({probabilities[i]}, {truth[i]}));
  Random random(seed);
  std::vector<double> drawn;
  for (int r = 0; r < repeats; ++r) {
    double sum = 0;
    for (size_t k = 0; k < n; ++k) sum += scores[random.below(n)];
    drawn.push_back(sum / static_cast<double>(n));
  }
  std::sort(drawn.begin(), drawn.end());
  return {brier_score(probabilities, truth), percentile(drawn, 0.025), percentile(drawn, 0.975)};
}

}  // namespace preannotate
