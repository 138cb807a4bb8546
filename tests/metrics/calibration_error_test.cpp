#include "preannotate/metrics/calibration_error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

struct Predictions {
  std::vector<double> confidence;
  std::vector<int> right;
};

/// Each right with probability confidence + `off`.
Predictions predictions(size_t n, double off, std::uint64_t seed) {
  Random random(seed);
  Predictions p;
  for (size_t i = 0; i < n; ++i) {
    p.confidence.push_back(0.3 + 0.6 * random.uniform());
    p.right.push_back(random.uniform() < p.confidence.back() + off);
  }
  return p;
}

/// The definition: bin by bin, over all items.
double ece_by_definition(const Predictions& p, int bins = 15) {
  double error = 0;
  for (int b = 0; b < bins; ++b) {
    double items = 0, confidence = 0, hits = 0;
    for (size_t i = 0; i < p.right.size(); ++i) {
      const bool last = b == bins - 1 && p.confidence[i] == 1.0;
      if (!last && static_cast<int>(p.confidence[i] * bins) != b) continue;
      ++items;
      confidence += p.confidence[i];
      hits += p.right[i];
    }
    if (items == 0) continue;
    error +=
        items / static_cast<double>(p.right.size()) * std::abs(hits / items - confidence / items);
  }
  return error;
}

double ece(const Predictions& p, int repeats = 0) {
  return expected_calibration_error(p.confidence, p.right, 1, repeats).value;
}

TEST(Reliability, PutsABoundaryIntoTheUpperBinAndOneIntoTheLast) {
  const auto bins = reliability({0.0, 0.25, 0.5, 0.75, 1.0}, {0, 1, 0, 1, 1}, 4);
  ASSERT_EQ(bins.size(), 4u);
  EXPECT_EQ(bins[0].items, 1);
  EXPECT_EQ(bins[1].items, 1);
  EXPECT_EQ(bins[2].items, 1);
  EXPECT_EQ(bins[3].items, 2);
  EXPECT_DOUBLE_EQ(bins[1].low, 0.25);
  EXPECT_DOUBLE_EQ(bins[1].high, 0.5);
  EXPECT_DOUBLE_EQ(bins[3].confidence, 0.875);
  EXPECT_DOUBLE_EQ(bins[3].accuracy, 1);
}

TEST(Reliability, OfNothingHasEmptyBinsOfEqualWidth) {
  const auto bins = reliability({}, {});
  ASSERT_EQ(bins.size(), 15u);
  for (const auto& bin : bins) {
    EXPECT_NEAR(bin.high - bin.low, 1.0 / 15, 1e-12);
    EXPECT_EQ(bin.items, 0);
    EXPECT_EQ(bin.accuracy, 0);
    EXPECT_EQ(bin.confidence, 0);
  }
}

TEST(ExpectedCalibrationError, IsTheDefinition) {
  for (const size_t n : {1, 2, 63, 300}) {
    for (const double off : {0.0, -0.2, 0.1}) {
      auto p = predictions(n, off, n);
      p.confidence[0] = 1.0;
      EXPECT_NEAR(ece(p), ece_by_definition(p), 1e-12) << "n=" << n << " off=" << off;
    }
  }
}

TEST(ExpectedCalibrationError, IsTheShareOfMistakesOfACertainPrediction) {
  EXPECT_DOUBLE_EQ(ece({{1, 1, 1, 1}, {1, 1, 1, 0}}), 0.25);
  EXPECT_DOUBLE_EQ(ece({{1, 1}, {1, 1}}), 0);
}

TEST(ExpectedCalibrationError, IntervalHoldsTheErrorThatTheDataWasMadeWith) {
  const auto p = predictions(2000, -0.2, 3);
  const auto error = expected_calibration_error(p.confidence, p.right, 5);
  EXPECT_LT(error.low, 0.2);
  EXPECT_GT(error.high, 0.2);
  EXPECT_LT(error.high - error.low, 0.06);
  EXPECT_GT(error.high - error.low, 0.02);
}

TEST(ExpectedCalibrationError, IsRepeatable) {
  const auto p = predictions(100, 0, 1);
  const auto a = expected_calibration_error(p.confidence, p.right, 9);
  const auto b = expected_calibration_error(p.confidence, p.right, 9);
  const auto other = expected_calibration_error(p.confidence, p.right, 10);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_EQ(a.value, other.value);
  EXPECT_NE(a.high, other.high);
}

TEST(ExpectedCalibrationError, OfNothingSaysNothing) {
  const auto error = expected_calibration_error({}, {}, 1);
  EXPECT_EQ(error.low, 0);
  EXPECT_EQ(error.high, 1);
  EXPECT_FALSE(std::isnan(error.value));
}

TEST(EceIfCalibrated, IsWhatCalibratedOutcomesShow) {
  Random random(3);
  std::vector<double> confidence;
  for (int i = 0; i < 250; ++i) confidence.push_back(0.5 + 0.5 * random.uniform());
  const Interval expected = ece_if_calibrated(confidence, 1);
  // Outcomes of the same confidences, drawn here: their mean error, and how many are above `high`.
  double sum = 0;
  int above = 0;
  for (int r = 0; r < 1000; ++r) {
    std::vector<int> right;
    for (const double one : confidence) right.push_back(random.uniform() < one);
    const double error = expected_calibration_error(confidence, right, 0, 0).value;
    sum += error;
    above += error > expected.high;
  }
  EXPECT_NEAR(expected.value, sum / 1000, 0.002);
  EXPECT_NEAR(above, 50, 35);
  EXPECT_GT(expected.value, 0.03);  // so much is no fault of the model
}

TEST(EceIfCalibrated, ShrinksWithTheItemsAndIsNothingForCertainty) {
  EXPECT_LT(ece_if_calibrated(std::vector<double>(10000, 0.8), 1).value, 0.006);
  EXPECT_EQ(ece_if_calibrated(std::vector<double>(50, 1.0), 1).high, 0);
  EXPECT_EQ(ece_if_calibrated({}, 1).high, 0);
}

TEST(BrierInterval, HoldsTheScoreAndNarrowsWithTheItems) {
  Random random(4);
  const auto width = [&](int n) {
    std::vector<std::vector<double>> probabilities;
    std::vector<int> truth;
    for (int i = 0; i < n; ++i) {
      const double p = random.uniform();
      probabilities.push_back({p, 1 - p});
      truth.push_back(random.uniform() < p ? 0 : 1);
    }
    const Interval interval = brier_interval(probabilities, truth, 1);
    EXPECT_DOUBLE_EQ(interval.value, brier_score(probabilities, truth));
    EXPECT_LT(interval.low, interval.value);
    EXPECT_GT(interval.high, interval.value);
    return interval.high - interval.low;
  };
  EXPECT_NEAR(width(100) / width(1600), 4, 1);
}

TEST(LogLoss, IsTheMeanOfMinusTheLogOfTheRightClass) {
  EXPECT_NEAR(log_loss({{0.5, 0.5}, {0.1, 0.9}}, {0, 1}), (std::log(2) - std::log(0.9)) / 2, 1e-15);
  EXPECT_EQ(log_loss({{1, 0}}, {0}), 0);
  EXPECT_NEAR(log_loss({{1, 0}}, {1}), -std::log(1e-15), 1e-9);
  EXPECT_EQ(log_loss({}, {}), 0);
}

TEST(BrierScore, SumsOverTheClasses) {
  EXPECT_DOUBLE_EQ(brier_score({{0.7, 0.2, 0.1}}, {0}), 0.09 + 0.04 + 0.01);
  EXPECT_DOUBLE_EQ(brier_score({{0, 1}}, {0}), 2);
  EXPECT_DOUBLE_EQ(brier_score({{1, 0}, {0.5, 0.5}}, {0, 0}), 0.25);
  EXPECT_EQ(brier_score({}, {}), 0);
}

TEST(BinaryLogLoss, IsTheMeanOverItemsAndLabels) {
  EXPECT_NEAR(binary_log_loss({{0.8, 0.3}, {0.5, 1.0}}, {{1, 0}, {0, 1}}),
              -(std::log(0.8) + std::log(0.7) + std::log(0.5)) / 4, 1e-15);
  EXPECT_TRUE(std::isfinite(binary_log_loss({{1.0}}, {{0}})));
  EXPECT_EQ(binary_log_loss({}, {}), 0);
}

}  // namespace
}  // namespace preannotate
