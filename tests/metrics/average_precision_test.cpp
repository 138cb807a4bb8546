#include "preannotate/metrics/average_precision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

/// The definition: each distinct score is a threshold; precision and recall are counted afresh.
double by_definition(const std::vector<int>& truth, const std::vector<double>& scores) {
  const std::set<double, std::greater<>> thresholds(scores.begin(), scores.end());
  double positives = 0, area = 0, last_recall = 0;
  for (const int t : truth) positives += t;
  for (const double threshold : thresholds) {
    double hits = 0, taken = 0;
    for (size_t i = 0; i < truth.size(); ++i) {
      if (scores[i] < threshold) continue;
      ++taken;
      hits += truth[i];
    }
    area += (hits / positives - last_recall) * (hits / taken);
    last_recall = hits / positives;
  }
  return area;
}

TEST(AveragePrecision, IsTheDocumentedExample) {
  EXPECT_NEAR(average_precision({0, 0, 1, 1}, {0.1, 0.4, 0.35, 0.8}), 0.5 + 0.5 * 2 / 3, 1e-12);
}

TEST(AveragePrecision, IsTheDefinitionAlsoWithTies) {
  Random random(7);
  for (const size_t n : {1, 2, 3, 10, 63, 200}) {
    for (const std::uint64_t levels : {1, 2, 5, 1000000}) {
      std::vector<int> truth{1};
      std::vector<double> scores{static_cast<double>(random.below(levels))};
      while (truth.size() < n) {
        truth.push_back(static_cast<int>(random.below(3) == 0));
        scores.push_back(static_cast<double>(random.below(levels)));
      }
      EXPECT_NEAR(average_precision(truth, scores), by_definition(truth, scores), 1e-12)
          << "n=" << n << " levels=" << levels;
    }
  }
}

TEST(AveragePrecision, TiesAreTakenTogetherWhateverTheirOrder) {
  EXPECT_DOUBLE_EQ(average_precision({1, 0, 0, 0}, {0.5, 0.5, 0.5, 0.5}), 0.25);
  EXPECT_DOUBLE_EQ(average_precision({0, 0, 0, 1}, {0.5, 0.5, 0.5, 0.5}), 0.25);
}

TEST(AveragePrecision, IsOneForAPerfectOrderAndWithoutNegatives) {
  EXPECT_DOUBLE_EQ(average_precision({1, 1, 0}, {0.9, 0.8, 0.7}), 1);
  EXPECT_DOUBLE_EQ(average_precision({1, 1}, {0.1, 0.2}), 1);
}

TEST(AveragePrecision, IsNotDefinedWithoutAPositive) {
  EXPECT_EQ(average_precision({0, 0}, {0.1, 0.2}), -1);
  EXPECT_EQ(average_precision({}, {}), -1);
}

TEST(MeanAveragePrecision, AveragesTheClassesThatHaveAPositive) {
  const auto result =
      mean_average_precision({{1, 0, 0}, {0, 0, 1}}, {{0.9, 0.5, 0.8}, {0.1, 0.5, 0.2}});
  EXPECT_THAT(result.per_class, testing::ElementsAre(1, -1, 0.5));
  EXPECT_DOUBLE_EQ(result.map, 0.75);
}

TEST(MeanAveragePrecision, OfNothing) {
  EXPECT_EQ(mean_average_precision({}, {}).map, 0);
  EXPECT_EQ(mean_average_precision({{0, 0}}, {{0.1, 0.2}}).map, 0);
}

}  // namespace
}  // namespace preannotate
