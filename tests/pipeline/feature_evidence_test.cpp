#include "pipeline/feature_evidence.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "preannotate/quality/log_me.h"

namespace preannotate {
namespace {

torch::Tensor one_hot(std::int64_t rows, std::int64_t classes) {
  return at::one_hot(torch::arange(rows) % classes, classes).to(torch::kFloat32);
}

/// Straight from the decomposition.
double by_decomposition(const torch::Tensor& features, const torch::Tensor& targets) {
  const auto [u, s, v] = torch::linalg_svd(features.to(torch::kFloat64), false);
  const auto projected = u.t().mm(targets.to(torch::kFloat64)).contiguous();
  FeatureSpectrum spectrum;
  spectrum.rows = static_cast<size_t>(features.size(0));
  for (std::int64_t k = 0; k < s.size(0); ++k) {
    spectrum.squares.push_back(s[k].item<double>() * s[k].item<double>());
  }
  for (std::int64_t c = 0; c < targets.size(1); ++c) {
    auto& of_class = spectrum.projected.emplace_back();
    for (std::int64_t k = 0; k < s.size(0); ++k) {
      of_class.push_back(projected[k][c].item<double>());
    }
    spectrum.squared_norms.push_back(targets.select(1, c).square().sum().item<double>());
  }
  return log_me(spectrum);
}

class FeatureEvidence : public testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(3); }
};

TEST_F(FeatureEvidence, IsThatOfTheDecompositionOfTallAndOfWideFeatures) {
  for (const auto& [rows, columns] : {std::pair{40, 7}, {7, 40}, {20, 20}, {200, 30}}) {
    const auto features = torch::randn({rows, columns}), targets = one_hot(rows, 3);
    EXPECT_NEAR(feature_evidence(features, targets), by_decomposition(features, targets), 1e-6)
        << rows << " x " << columns;
  }
}

TEST_F(FeatureEvidence, FeaturesOfTheClassesAreWorthMoreThanNoise) {
  const auto targets = one_hot(60, 3);
  const auto noise = torch::randn({60, 10});
  const auto telling = noise + 3 * targets.mm(torch::randn({3, 10}));
  EXPECT_GT(feature_evidence(telling, targets), feature_evidence(noise, targets) + 0.2);
}

TEST_F(FeatureEvidence, RepeatedAndEmptyColumnsAreNoHindrance) {
  const auto features = torch::randn({30, 5}), targets = one_hot(30, 2);
  const auto padded = torch::cat({features, torch::zeros({30, 4})}, 1);
  EXPECT_NEAR(feature_evidence(padded, targets), feature_evidence(features, targets), 1e-6);
  EXPECT_TRUE(std::isfinite(feature_evidence(torch::zeros({30, 4}), targets)));
}

}  // namespace
}  // namespace preannotate
