#include "preannotate/quality/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

using Matrix = std::vector<std::vector<double>>;

double normal(Random& random) {
  return std::sqrt(-2 * std::log(1 - random.uniform())) * std::cos(2 * M_PI * random.uniform());
}

Matrix random_logits(size_t n, size_t classes, double spread, Random& random) {
  Matrix logits(n, std::vector<double>(classes));
  for (auto& row : logits) {
    for (auto& logit : row) logit = spread * normal(random);
  }
  return logits;
}

/// Labels drawn from softmax(logits / temperature), so that this is the right temperature.
std::vector<int> draw(const Matrix& logits, double temperature, Random& random) {
  std::vector<int> truth;
  for (const auto& row : logits) {
    const auto p = softmax(row, temperature);
    double left = random.uniform();
    size_t c = 0;
    while (c + 1 < p.size() && (left -= p[c]) >= 0) ++c;
    truth.push_back(static_cast<int>(c));
  }
  return truth;
}

double loss_at(double temperature, const Matrix& logits, const std::vector<int>& truth) {
  double sum = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    sum -= std::log(softmax(logits[i], temperature)[static_cast<size_t>(truth[i])]);
  }
  return sum;
}

TEST(Softmax, SumsToOneAndKeepsTheOrder) {
  const auto p = softmax({1, 2, 3}, 1);
  EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, 1e-15);
  EXPECT_NEAR(p[2] / p[1], std::exp(1), 1e-12);
  EXPECT_NEAR(p[1] / p[0], std::exp(1), 1e-12);
  EXPECT_NEAR(softmax({0, 2}, 2)[1], 1 / (1 + std::exp(-1)), 1e-15);
}

TEST(Softmax, IsStableForLargeLogits) {
  EXPECT_EQ(softmax({1e4, -1e4}, 0.05), (std::vector<double>{1, 0}));
  EXPECT_EQ(softmax({1e308, 1e308}, 1), (std::vector<double>{0.5, 0.5}));
  EXPECT_TRUE(softmax({}, 1).empty());
  EXPECT_EQ(softmax({3}, 1), (std::vector<double>{1}));
}

TEST(Sigmoid, IsStableOnBothSides) {
  EXPECT_EQ(sigmoid(0), 0.5);
  EXPECT_EQ(sigmoid(1e4), 1);
  EXPECT_EQ(sigmoid(-1e4), 0);
  EXPECT_NEAR(sigmoid(2) + sigmoid(-2), 1, 1e-15);
  EXPECT_NEAR(sigmoid(-40), std::exp(-40), 1e-30);
}

TEST(FitTemperature, RecoversTheTemperatureThatTheLabelsWereDrawnWith) {
  for (const double temperature : {0.3, 1.0, 2.5}) {
    Random random(11);
    const auto logits = random_logits(8000, 5, 2, random);
    const auto truth = draw(logits, temperature, random);
    EXPECT_NEAR(fit_temperature(logits, truth) / temperature, 1, 0.05) << temperature;
  }
}

TEST(FitTemperature, HasLessLossThanItsNeighbours) {
  Random random(5);
  const auto logits = random_logits(50, 3, 3, random);
  const auto truth = draw(logits, 1.7, random);
  const double best = fit_temperature(logits, truth);
  EXPECT_LE(loss_at(best, logits, truth), loss_at(best * 1.01, logits, truth));
  EXPECT_LE(loss_at(best, logits, truth), loss_at(best / 1.01, logits, truth));
}

TEST(FitTemperature, StaysInItsRangeWhenLabelsAreAlwaysOrNeverRight) {
  EXPECT_NEAR(fit_temperature({{1, 0}, {0, 1}}, {0, 1}), 0.05, 1e-6);
  EXPECT_NEAR(fit_temperature({{9, 0}, {0, 9}}, {1, 0}), 20, 1e-4);
}

TEST(FitTemperature, IsOneWhereNothingCanBeLearned) {
  EXPECT_EQ(fit_temperature({}, {}), 1);
  EXPECT_EQ(fit_temperature({{2}, {3}}, {0, 0}), 1);
  EXPECT_EQ(fit_temperature({{2, 2}, {0, 0}}, {0, 1}), 1);
  EXPECT_EQ(fit_binary_temperature({}, {}), 1);
  EXPECT_EQ(fit_binary_temperature({{0, 0}}, {{0, 1}}), 1);
}

TEST(FitTemperature, SurvivesLogitsOfAnySize) {
  const double temperature = fit_temperature({{1e6, 0}, {0, 1e6}, {1e6, 0}}, {0, 1, 1});
  EXPECT_GE(temperature, 0.05 - 1e-9);
  EXPECT_LE(temperature, 20 + 1e-6);
}

TEST(FitBinaryTemperature, RecoversTheTemperatureThatTheLabelsWereDrawnWith) {
  for (const double temperature : {0.4, 1.0, 3.0}) {
    Random random(13);
    const auto logits = random_logits(4000, 3, 5, random);
    std::vector<std::vector<int>> truth;
    for (const auto& row : logits) {
      truth.emplace_back();
      for (const double logit : row) {
        truth.back().push_back(random.uniform() < sigmoid(logit / temperature));
      }
    }
    EXPECT_NEAR(fit_binary_temperature(logits, truth) / temperature, 1, 0.06) << temperature;
  }
}

}  // namespace
}  // namespace preannotate
