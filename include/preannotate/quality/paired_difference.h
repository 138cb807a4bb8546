#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace preannotate {

/// How far two ways are apart on the same items, and how far chance alone could bring them.
struct PairedDifference {
  double value = 0;          // mean of a - b
  double low = 0, high = 0;  // 95 % interval
  bool beyond_noise() const { return low > 0 || high < 0; }
};

/// Percentile interval of bootstrap resamples that keep pairs together (Efron and Tibshirani
/// 1993). Items of a group (parts of one image, its copies) tell the same story and are drawn
/// together; group[i] is any number. a, b, group: [N]. Of fewer than two groups nothing tells how
/// much chance does: the interval then reaches from 0 to the value.
PairedDifference paired_difference(const std::vector<double>& a, const std::vector<double>& b,
                                   const std::vector<size_t>& group, std::uint64_t seed,
                                   int draws = 2000);

}  // namespace preannotate
