#include "quality/beta_interval.h"

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

TEST(BetaInterval, LeavesTwoAndAHalfPercentOnEachSide) {
  const Interval interval = beta_interval(118, 125);
  EXPECT_DOUBLE_EQ(interval.value, 118.0 / 125);
  EXPECT_NEAR(binomial_share_from(118, 125, interval.low), 0.025, 1e-9);
  EXPECT_NEAR(1 - binomial_share_from(119, 125, interval.high), 0.025, 1e-9);
}

TEST(BetaInterval, OfAllOrNoneHasTheClosedForm) {
  EXPECT_NEAR(beta_interval(60, 60).low, std::pow(0.025, 1.0 / 60), 1e-12);
  EXPECT_EQ(beta_interval(60, 60).high, 1);
  EXPECT_EQ(beta_interval(0, 20).low, 0);
  EXPECT_NEAR(beta_interval(0, 20).high, 1 - std::pow(0.025, 1.0 / 20), 1e-12);
}

TEST(BetaInterval, OfFewerThanAWholeNumberIsWider) {
  const Interval whole = beta_interval(95, 100), worth_less = beta_interval(95 / 2.5, 100 / 2.5);
  EXPECT_DOUBLE_EQ(whole.value, worth_less.value);
  EXPECT_LT(worth_less.low, whole.low - 0.04);
  EXPECT_GT(worth_less.high, whole.high);
}

}  // namespace
}  // namespace preannotate
