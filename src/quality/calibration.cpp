#include "preannotate/quality/calibration.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace preannotate {
namespace {

/// Where `loss`, with one minimum, is least on the range of ln T; 1 where the temperature makes no
/// difference.
template <class Loss>
double golden_section(const Loss& loss) {
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double low = std::log(0.05), high = std::log(20.0);
  double a = high - ratio * (high - low), b = low + ratio * (high - low);
  double loss_a = loss(std::exp(a)), loss_b = loss(std::exp(b));
  while (high - low > 1e-7) {
    if (loss_a <= loss_b) {
      high = b, b = a, loss_b = loss_a;
      a = high - ratio * (high - low);
      loss_a = loss(std::exp(a));
    } else {
      low = a, a = b, loss_a = loss_b;
      b = low + ratio * (high - low);
      loss_b = loss(std::exp(b));
    }
  }
  const double best = std::exp((low + high) / 2);
  return loss(best) < loss(1) ? best : 1;
}

/// -ln softmax(logits / temperature)[truth]
double softmax_loss(const std::vector<double>& logits, size_t truth, double temperature) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double logit : logits) sum += std::exp((logit - largest) / temperature);
  return std::log(sum) - (logits[truth] - largest) / temperature;
}

/// -ln sigmoid(logit), without overflow on either side.
double sigmoid_loss(double logit) {
  return std::max(-logit, 0.0) + std::log1p(std::exp(-std::abs(logit)));
}

}  // namespace

double fit_temperature(const std::vector<std::vector<double>>& logits,
                       const std::vector<int>& truth) {
  assert(logits.size() == truth.size());
  if (logits.empty() || logits.front().size() < 2) return 1;
  return golden_section([&](double temperature) {
    double sum = 0;
    for (size_t i = 0; i < truth.size(); ++i) {
      sum += softmax_loss(logits[i], static_cast<size_t>(truth[i]), temperature);
    }
    return sum;
  });
}

double fit_binary_temperature(const std::vector<std::vector<double>>& logits,
                              const std::vector<std::vector<int>>& truth) {
  assert(logits.size() == truth.size());
  if (logits.empty() || logits.front().empty()) return 1;
  return golden_section([&](double temperature) {
    double sum = 0;
    for (size_t i = 0; i < truth.size(); ++i) {
      for (size_t c = 0; c < truth[i].size(); ++c) {
        sum += sigmoid_loss((truth[i][c] ? 1 : -1) * logits[i][c] / temperature);
      }
    }
    return sum;
  });
}

std::vector<double> softmax(const std::vector<double>& logits, double temperature) {
  if (logits.empty()) return {};
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> result;
  double sum = 0;
  for (const double logit : logits) {
    result.push_back(std::exp((logit - largest) / temperature));
    sum += result.back();
  }
  for (auto& probability : result) probability /= sum;
  return result;
}

double sigmoid(double logit) {
  if (logit >= 0) return 1 / (1 + std::exp(-logit));
  const double e = std::exp(logit);
  return e / (1 + e);
}

}  // namespace preannotate
