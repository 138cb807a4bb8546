#include <algorithm>
#include <cassert>
#include <cmath>

#include "preannotate/metrics/calibration_error.h"

namespace preannotate {
namespace {

constexpr double kLeast = 1e-15;

double loss(double probability) {
  return -std::log(std::clamp(probability, kLeast, 1.0));
}

double mean(double sum, size_t items) {
  return items == 0 ? 0.0 : sum / static_cast<double>(items);
}

}  // namespace

double log_loss(const std::vector<std::vector<double>>& probabilities,
                const std::vector<int>& truth) {
  assert(probabilities.size() == truth.size());
  double sum = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    sum += loss(probabilities[i][static_cast<size_t>(truth[i])]);
  }
  return mean(sum, truth.size());
}

double brier_score(const std::vector<std::vector<double>>& probabilities,
                   const std::vector<int>& truth) {
  assert(probabilities.size() == truth.size());
  double sum = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    for (size_t c = 0; c < probabilities[i].size(); ++c) {
      const double off = probabilities[i][c] - (static_cast<size_t>(truth[i]) == c ? 1.0 : 0.0);
      sum += off * off;
    }
  }
  return mean(sum, truth.size());
}

double binary_log_loss(const std::vector<std::vector<double>>& probabilities,
                       const std::vector<std::vector<int>>& truth) {
  assert(probabilities.size() == truth.size());
  double sum = 0;
  size_t labels = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    for (size_t c = 0; c < truth[i].size(); ++c) {
      sum += loss(truth[i][c] ? probabilities[i][c] : 1 - probabilities[i][c]);
    }
    labels += truth[i].size();
  }
  return mean(sum, labels);
}

}  // namespace preannotate
