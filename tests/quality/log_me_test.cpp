#include "preannotate/quality/log_me.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace preannotate {
namespace {

/// Features whose decomposition is known: columns [first, first + k) of the cosine basis of n
/// points, the j-th divided by 1 + j; three targets, each 1 on a third of the points.
FeatureSpectrum cosines(size_t n, size_t first, size_t k) {
  FeatureSpectrum spectrum{n, {}, {}, {}};
  const auto points = static_cast<double>(n);
  std::vector<std::vector<double>> columns;
  for (size_t j = first; j < first + k; ++j) {
    const double length = std::sqrt(j == 0 ? points : points / 2);
    spectrum.squares.push_back(std::pow(length / static_cast<double>(1 + j), 2));
    auto& column = columns.emplace_back();
    for (size_t i = 0; i < n; ++i) {
      column.push_back(
          std::cos(M_PI * (static_cast<double>(i) + 0.5) * static_cast<double>(j) / points) /
          length);
    }
  }
  for (size_t c = 0; c < 3; ++c) {
    auto& projected = spectrum.projected.emplace_back(k, 0.0);
    double norm = 0;
    for (size_t i = 0; i < n; ++i) {
      if (i * 3 / n != c) continue;
      ++norm;
      for (size_t j = 0; j < k; ++j) projected[j] += columns[j][i];
    }
    spectrum.squared_norms.push_back(norm);
  }
  return spectrum;
}

/// The evidence is that of a multivariate normal, made largest by a search that knows nothing of
/// the fixed point. NumPy 2 and SciPy 1, where the wanted numbers come from:
///
///   def log_me(n, first, k):
///       i, j = np.arange(n)[:, None], np.arange(first, first + k)[None, :]
///       f = np.cos(np.pi * (i + 0.5) * j / n) / (1 + j)
///       evidences = []
///       for c in range(3):
///           y = (np.arange(n) * 3 // n == c).astype(float)
///           def loss(p):
///               covariance = np.exp(-p[1]) * np.eye(n) + np.exp(-p[0]) * f @ f.T
///               return -multivariate_normal.logpdf(y, np.zeros(n), covariance)
///           starts = [(a, b) for a in (-2, 2, 6) for b in (-1, 2, 6)]
///           evidences.append(-min(minimize(
///               loss, s, method="Nelder-Mead", options={"maxiter": 5000, "xatol": 1e-10,
///               "fatol": 1e-12}).fun for s in starts) / n)
///       return np.mean(evidences)
TEST(LogMe, IsTheLargestEvidenceOfTheLinearModel) {
  EXPECT_NEAR(log_me(cosines(30, 1, 4)), -0.6214583351647789, 1e-8);
  EXPECT_NEAR(log_me(cosines(30, 1, 29)), -0.6822933579268695, 1e-8);
  EXPECT_NEAR(log_me(cosines(12, 0, 12)), -0.39107453962023847, 1e-8);
}

TEST(LogMe, DoesNotChangeWithTheScaleOfTheFeatures) {
  const auto spectrum = cosines(30, 1, 6);
  for (const double scale : {1e-6, 0.1, 1e6}) {
    auto scaled = spectrum;
    for (double& square : scaled.squares) square *= scale;
    EXPECT_NEAR(log_me(scaled), log_me(spectrum), 1e-8) << scale;
  }
}

TEST(LogMe, DirectionsWithoutVarianceChangeNothing) {
  auto padded = cosines(30, 1, 4);
  padded.squares.resize(9, 0.0);
  for (auto& projected : padded.projected) projected.resize(9, 0.0);
  EXPECT_NEAR(log_me(padded), log_me(cosines(30, 1, 4)), 1e-12);
}

TEST(LogMe, FeaturesThatTellTheTargetAreWorthMoreThanNoise) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  auto telling = cosines(60, 1, 5), noise = telling;
  for (size_t c = 0; c < 3; ++c) {
    for (double& x : noise.projected[c]) x = 0.3 * normal(random);
  }
  EXPECT_GT(log_me(telling), log_me(noise) + 0.1);
}

TEST(LogMe, ATargetThatIsNeverThereIsLeftOut) {
  auto spectrum = cosines(30, 1, 4);
  const double without = log_me(spectrum);
  spectrum.projected.emplace_back(4, 0.0);
  spectrum.squared_norms.push_back(0);
  EXPECT_EQ(log_me(spectrum), without);
  EXPECT_EQ(log_me({30, {1}, {}, {}}), 0);
}

TEST(LogMe, IsFiniteWhereFeaturesExplainNothingOrEverything) {
  FeatureSpectrum nothing{20, {4, 1}, {{0, 0}}, {5}};
  const double noise_alone = -0.5 * (std::log(2 * M_PI * 5 / 20) + 1);
  EXPECT_NEAR(log_me(nothing), noise_alone, 1e-9);
  EXPECT_NEAR(log_me({20, {0, 0}, {{0, 0}}, {5}}), noise_alone, 1e-12);
  EXPECT_NEAR(log_me({20, {}, {{}}, {5}}), noise_alone, 1e-12);
  FeatureSpectrum everything{2, {4, 1}, {{1, 0}}, {1}};
  EXPECT_TRUE(std::isfinite(log_me(everything)));
  EXPECT_GT(log_me(everything), log_me({2, {4, 1}, {{0.6, 0.8}}, {1}}));
}

}  // namespace
}  // namespace preannotate
