#pragma once

#include <cstddef>
#include <vector>

namespace preannotate {

/// What LogME needs of features F [N, D] = U S V^T and of targets y.
struct FeatureSpectrum {
  size_t rows = 0;                             // N
  std::vector<double> squares;                 // [K] of the singular values, K <= min(N, D)
  std::vector<std::vector<double>> projected;  // [C][K] U^T y of each target
  std::vector<double> squared_norms;           // [C] |y|^2
};

/// LogME (You et al. 2021): the log-evidence an item of a Bayesian linear model of the targets,
///
///   y = F w + noise,  w ~ normal(0, 1 / alpha),  noise ~ normal(0, 1 / beta),
///
/// at the alpha and beta that make it largest, mean over the targets; higher is better. A target
/// that is 0 everywhere is left out; 0 without any. Unlike the authors' program, columns beyond
/// the rank count as what they are, no evidence: networks of different width stay comparable.
double log_me(const FeatureSpectrum& spectrum);

}  // namespace preannotate
