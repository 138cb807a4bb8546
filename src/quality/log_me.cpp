#include "preannotate/quality/log_me.h"

#include <algorithm>
#include <cmath>

namespace preannotate {
namespace {

constexpr int kMostIterations = 500;
constexpr double kTolerance = 1e-9;  // of ln(alpha / beta)
/// alpha / beta against the largest squared singular value: beyond, the features explain
/// everything, or nothing, and the evidence no longer changes.
constexpr double kLeastRatio = 1e-12, kLargestRatio = 1e12;

/// Sums over the singular directions at t = alpha / beta.
struct Sums {
  double fitted = 0;        // gamma: directions that the data decide
  double free = 0;          // N - gamma
  double weights = 0;       // |m|^2 of the posterior mean m
  double residual = 0;      // |F m - y|^2
  double log_of_ratio = 0;  // ln det(1 + F F^T / t)
};

Sums sums_at(double t, const FeatureSpectrum& spectrum, size_t target) {
  const auto& x = spectrum.projected[target];
  const auto& squares = spectrum.squares;
  Sums sums;
  double explained = 0;
  for (size_t k = 0; k < squares.size(); ++k) {
    const double s2 = squares[k], x2 = x[k] * x[k], whole = s2 + t;
    sums.fitted += s2 / whole;
    sums.free += t / whole;
    sums.weights += s2 * x2 / (whole * whole);
    sums.residual += x2 * (t / whole) * (t / whole);
    sums.log_of_ratio += std::log1p(s2 / t);
    explained += x2;
  }
  if (spectrum.rows > squares.size()) {
    sums.free += static_cast<double>(spectrum.rows - squares.size());
    sums.residual += std::max(spectrum.squared_norms[target] - explained, 0.0);
  }
  return sums;
}

/// Of one target: MacKay's fixed point, alpha = gamma / |m|^2 and beta = (N - gamma) / |F m - y|^2.
double log_evidence(const FeatureSpectrum& spectrum, size_t target) {
  const auto rows = static_cast<double>(spectrum.rows);
  const double largest = *std::max_element(spectrum.squares.begin(), spectrum.squares.end());
  const double least_t = kLeastRatio * largest, most_t = kLargestRatio * largest;
  double t = largest / rows;
  for (int i = 0; i < kMostIterations; ++i) {
    const Sums now = sums_at(t, spectrum, target);
    const double next =
        std::clamp(now.fitted * now.residual / (now.weights * now.free), least_t, most_t);
    if (!(std::abs(std::log(next / t)) > kTolerance)) break;  // NaN too: nothing to explain with
    t = next;
  }
  const Sums sums = sums_at(t, spectrum, target);
  const double spread = sums.residual + t * sums.weights;  // N / beta at the optimum
  return -0.5 * (std::log(2 * M_PI * spread / rows) + 1 + sums.log_of_ratio / rows);
}

}  // namespace

double log_me(const FeatureSpectrum& spectrum) {
  double sum = 0, targets = 0;
  const bool any_feature = std::any_of(spectrum.squares.begin(), spectrum.squares.end(),
                                       [](double square) { return square > 0; });
  for (size_t target = 0; target < spectrum.projected.size(); ++target) {
    const double norm = spectrum.squared_norms[target];
    if (norm <= 0) continue;
    const double noise_alone =
        -0.5 * (std::log(2 * M_PI * norm / static_cast<double>(spectrum.rows)) + 1);
    sum += any_feature ? log_evidence(spectrum, target) : noise_alone;
    ++targets;
  }
  return targets > 0 ? sum / targets : 0;
}

}  // namespace preannotate
