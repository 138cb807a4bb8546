#include "preannotate/metrics/accuracy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace preannotate {
namespace {

using Rows = std::vector<std::vector<int>>;

TEST(ShareWithInterval, IsTheWilsonIntervalOfThePublishedExamples) {
  // Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29.
  const struct {
    long hits, total;
    double low, high;
  } examples[] = {{81, 263, 0.2553, 0.3662},
                  {15, 148, 0.0624, 0.1605},
                  {0, 20, 0, 0.1611},
                  {1, 29, 0.0061, 0.1718}};
  for (const auto& e : examples) {
    const auto interval = share_with_interval(e.hits, e.total);
    EXPECT_NEAR(interval.value, static_cast<double>(e.hits) / static_cast<double>(e.total), 1e-15);
    EXPECT_NEAR(interval.low, e.low, 5e-5) << e.hits << "/" << e.total;
    EXPECT_NEAR(interval.high, e.high, 5e-5) << e.hits << "/" << e.total;
  }
}

TEST(ShareWithInterval, EndsAreTheRootsOfTheScoreEquation) {
  for (const auto& [hits, total] : {std::pair<long, long>{7, 9}, {240, 300}, {1, 2}, {749, 750}}) {
    const auto interval = share_with_interval(hits, total);
    for (const double p : {interval.low, interval.high}) {
      const double error = std::sqrt(p * (1 - p) / static_cast<double>(total));
      EXPECT_NEAR(std::abs(interval.value - p) / error, 1.959963984540054, 1e-9);
    }
  }
}

TEST(ShareWithInterval, HoldsTheShareAlsoWhenAllOrNoneAreRight) {
  for (const long total : {1, 2, 3, 10, 99, 1000}) {
    const auto none = share_with_interval(0, total), all = share_with_interval(total, total);
    EXPECT_EQ(none.low, 0);
    EXPECT_GT(none.high, 0);
    EXPECT_LT(all.low, 1);
    EXPECT_EQ(all.high, 1);
  }
}

TEST(ShareWithInterval, OfNothingSaysNothing) {
  const auto interval = share_with_interval(0, 0);
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 1);
  EXPECT_FALSE(std::isnan(interval.value));
}

TEST(AccuracyOf, CountsAHandMadeExample) {
  const auto figures = accuracy_of({0, 0, 0, 1, 1, 2}, {0, 0, 1, 1, 2, 2}, 3);
  EXPECT_EQ(figures.items, 6);
  EXPECT_EQ(figures.hits, 4);
  EXPECT_DOUBLE_EQ(figures.accuracy.value, 4.0 / 6);
  EXPECT_EQ(figures.confusion, (std::vector<std::vector<long>>{{2, 1, 0}, {0, 1, 1}, {0, 0, 1}}));
  EXPECT_DOUBLE_EQ(figures.classes[0].precision, 1);
  EXPECT_DOUBLE_EQ(figures.classes[0].recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(figures.classes[0].f1, 0.8);
  EXPECT_DOUBLE_EQ(figures.classes[1].f1, 0.5);
  EXPECT_DOUBLE_EQ(figures.classes[2].precision, 0.5);
  EXPECT_DOUBLE_EQ(figures.classes[2].f1, 2.0 / 3);
  EXPECT_DOUBLE_EQ(figures.macro_f1, (0.8 + 0.5 + 2.0 / 3) / 3);
}

TEST(AccuracyOf, AClassNeverPredictedHasNoPrecisionAndCountsAsZeroInMacroF1) {
  const auto figures = accuracy_of({0, 1}, {0, 0}, 2);
  EXPECT_FALSE(figures.classes[1].has_precision);
  EXPECT_TRUE(figures.classes[1].has_recall);
  EXPECT_EQ(figures.classes[1].f1, 0);
  EXPECT_DOUBLE_EQ(figures.macro_f1, (2.0 / 3 + 0) / 2);
}

TEST(AccuracyOf, AClassWithoutItemsIsLeftOutOfMacroF1) {
  const auto figures = accuracy_of({0, 0, 1}, {0, 0, 1}, 3);
  EXPECT_FALSE(figures.classes[2].has_recall);
  EXPECT_FALSE(figures.classes[2].has_precision);
  EXPECT_EQ(figures.macro_f1, 1);
}

TEST(AccuracyOf, AMissingPredictionIsAMissInNoColumn) {
  const auto figures = accuracy_of({0, 0, 1}, {0, -1, -1}, 2);
  EXPECT_EQ(figures.items, 3);
  EXPECT_EQ(figures.hits, 1);
  EXPECT_DOUBLE_EQ(figures.classes[0].recall, 0.5);
  EXPECT_EQ(figures.classes[1].predicted, 0);
  EXPECT_EQ(figures.confusion, (std::vector<std::vector<long>>{{1, 0}, {0, 0}}));
}

TEST(AccuracyOf, NothingGivesNoNumberThatIsNotOne) {
  const auto figures = accuracy_of({}, {}, 2);
  EXPECT_EQ(figures.items, 0);
  EXPECT_FALSE(std::isnan(figures.accuracy.value));
  EXPECT_EQ(figures.macro_f1, 0);
  EXPECT_FALSE(figures.classes[0].has_recall);
}

TEST(AccuracyOf, OneClassAlone) {
  const auto figures = accuracy_of({0, 0}, {0, 0}, 1);
  EXPECT_EQ(figures.accuracy.value, 1);
  EXPECT_EQ(figures.macro_f1, 1);
}

TEST(MultilabelFigures, CountAHandMadeExample) {
  const Rows truth{{1, 0, 1}, {0, 1, 0}, {1, 1, 0}, {0, 0, 0}};
  const Rows predicted{{1, 0, 0}, {0, 1, 0}, {1, 0, 0}, {0, 0, 1}};
  const auto figures = multilabel_figures(truth, predicted, 3);
  EXPECT_EQ(figures.items, 4);
  EXPECT_DOUBLE_EQ(figures.exact_match.value, 0.25);  // the second image
  EXPECT_DOUBLE_EQ(figures.classes[0].f1, 1);
  EXPECT_DOUBLE_EQ(figures.classes[1].precision, 1);
  EXPECT_DOUBLE_EQ(figures.classes[1].recall, 0.5);
  EXPECT_EQ(figures.classes[2].hits, 0);
  EXPECT_DOUBLE_EQ(figures.micro_f1, 2.0 * 3 / (5 + 4));
  EXPECT_DOUBLE_EQ(figures.macro_f1, (1 + 2.0 / 3 + 0) / 3);
}

TEST(MultilabelFigures, AnImageWithoutLabelsIsRightWhenNoneIsPredicted) {
  const auto figures = multilabel_figures({{0, 0}, {0, 0}}, {{0, 0}, {0, 1}}, 2);
  EXPECT_DOUBLE_EQ(figures.exact_match.value, 0.5);
  EXPECT_EQ(figures.macro_f1, 0);  // no class has support
  EXPECT_EQ(figures.micro_f1, 0);
}

TEST(MultilabelFigures, OfNoImages) {
  const auto figures = multilabel_figures({}, {}, 2);
  EXPECT_EQ(figures.items, 0);
  EXPECT_EQ(figures.classes.size(), 2u);
  EXPECT_FALSE(std::isnan(figures.micro_f1));
}

}  // namespace
}  // namespace preannotate
