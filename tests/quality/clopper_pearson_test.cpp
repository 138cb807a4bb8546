#include "quality/clopper_pearson.h"

#include <gtest/gtest.h>

#include <cmath>

namespace preannotate {
namespace {

double binomial_share_from(int hits, int total, double p) {
  double sum = 0;
  for (int k = hits; k <= total; ++k) {
    sum += std::exp(std::lgamma(total + 1) - std::lgamma(k + 1) - std::lgamma(total - k + 1) +
                    k * std::log(p) + (total - k) * std::log1p(-p));
  }
  return sum;
}

TEST(BetaDistribution, IsTheTailOfTheBinomial) {
  // I_p(k, n - k + 1) = P(Bin(n, p) >= k), DLMF 8.17.5.
  for (const int n : {1, 7, 150}) {
    for (int k = 1; k <= n; k += 1 + n / 9) {
      for (const double p : {0.01, 0.3, 0.5, 0.97}) {
        EXPECT_NEAR(beta_distribution(p, k, n - k + 1), binomial_share_from(k, n, p), 1e-11)
            << k << " of " << n << " at " << p;
      }
    }
  }
}

TEST(BetaDistribution, ReachesItsEnds) {
  EXPECT_EQ(beta_distribution(0, 2, 3), 0);
  EXPECT_EQ(beta_distribution(1, 2, 3), 1);
  EXPECT_NEAR(beta_distribution(0.25, 1, 1), 0.25, 1e-15);
}

TEST(ClopperPearson, LeavesTwoAndAHalfPercentOnEachSide) {
  const Interval interval = clopper_pearson(118, 125, 0.95);
  EXPECT_DOUBLE_EQ(interval.value, 118.0 / 125);
  EXPECT_NEAR(binomial_share_from(118, 125, interval.low), 0.025, 1e-9);
  EXPECT_NEAR(1 - binomial_share_from(119, 125, interval.high), 0.025, 1e-9);
}

TEST(ClopperPearson, OfAllOrNoneHasTheClosedForm) {
  EXPECT_NEAR(clopper_pearson(60, 60, 0.95).low, std::pow(0.025, 1.0 / 60), 1e-12);
  EXPECT_EQ(clopper_pearson(60, 60, 0.95).high, 1);
  EXPECT_EQ(clopper_pearson(0, 20, 0.95).low, 0);
  EXPECT_NEAR(clopper_pearson(0, 20, 0.95).high, 1 - std::pow(0.025, 1.0 / 20), 1e-12);
}

TEST(ClopperPearson, OfFewerThanAWholeNumberIsWider) {
  const Interval whole = clopper_pearson(95, 100, 0.95),
                 worth_less = clopper_pearson(95 / 2.5, 100 / 2.5, 0.95);
  EXPECT_DOUBLE_EQ(whole.value, worth_less.value);
  EXPECT_LT(worth_less.low, whole.low - 0.04);
  EXPECT_GT(worth_less.high, whole.high);
}

// scipy.stats.beta.ppf(.025, hits, trials - hits + 1), .ppf(.975, hits + 1, trials - hits),
// SciPy 1.17.1
TEST(ClopperPearson, IsThatOfScipy) {
  const auto none = clopper_pearson(0, 60, 0.95);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.05962949228616691, 1e-12);
  const auto few = clopper_pearson(5, 60, 0.95);
  EXPECT_NEAR(few.low, 0.027613310337426394, 1e-12);
  EXPECT_NEAR(few.high, 0.18385778337658576, 1e-12);
  const auto half = clopper_pearson(30, 60, 0.95);
  EXPECT_NEAR(half.low, 0.3680620319424369, 1e-12);
  EXPECT_NEAR(half.high, 0.631937968057563, 1e-12);
  const auto all = clopper_pearson(60, 60, 0.95);
  EXPECT_NEAR(all.low, 0.9403705077138331, 1e-12);
  EXPECT_EQ(all.high, 1);
  const auto rare = clopper_pearson(1, 100000, 0.95);
  EXPECT_NEAR(rare.low, 2.531780477933314e-07, 1e-14);
  EXPECT_NEAR(rare.high, 5.571516034774275e-05, 1e-12);
}

TEST(ClopperPearson, KnowsNothingWithoutTrials) {
  const auto unknown = clopper_pearson(0, 0, 0.95);
  EXPECT_EQ(unknown.low, 0);
  EXPECT_EQ(unknown.high, 1);
}

}  // namespace
}  // namespace preannotate
