#pragma once

#include <cstdint>
#include <vector>

#include "preannotate/metrics/accuracy.h"

namespace preannotate {

/// One bar of a reliability diagram: items whose confidence lies in [low, high).
struct ReliabilityBin {
  double low = 0, high = 0;
  long items = 0;
  double confidence = 0, accuracy = 0;  // means; 0 when items is 0
};

/// 15 bins of equal width (Guo et al. 2017). confidence in [0, 1], right 0/1.
std::vector<ReliabilityBin> reliability(const std::vector<double>& confidence,
                                        const std::vector<int>& right, int bins = 15);

/// ECE = sum of bin share x |accuracy - confidence|, with the 95 % percentile interval of
/// `repeats` bootstrap resamples.
Interval expected_calibration_error(const std::vector<double>& confidence,
                                    const std::vector<int>& right, std::uint64_t seed,
                                    int repeats = 1000);

/// The ECE that outcomes drawn from the confidences themselves show: what is left of it when a
/// model is calibrated perfectly and judged by so few items. `value` is the mean of `repeats`
/// draws, `high` their 95 % point, `low` their 5 % point.
Interval ece_if_calibrated(const std::vector<double>& confidence, std::uint64_t seed,
                           int repeats = 1000);

/// probabilities [N][C], rows sum to 1; truth[i] the right class. Log-loss clips at 1e-15.
double log_loss(const std::vector<std::vector<double>>& probabilities,
                const std::vector<int>& truth);
/// Multi-class Brier score, sum of squared differences over classes, mean over items: [0, 2].
double brier_score(const std::vector<std::vector<double>>& probabilities,
                   const std::vector<int>& truth);
/// The same with the 95 % percentile interval of `repeats` bootstrap resamples.
Interval brier_interval(const std::vector<std::vector<double>>& probabilities,
                        const std::vector<int>& truth, std::uint64_t seed, int repeats = 1000);
/// Mean over items and labels of the binary log-loss; truth [N][C] 0/1.
double binary_log_loss(const std::vector<std::vector<double>>& probabilities,
                       const std::vector<std::vector<int>>& truth);

}  // namespace preannotate
