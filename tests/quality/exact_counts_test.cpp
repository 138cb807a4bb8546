#include "preannotate/quality/exact_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace preannotate {
namespace {

// scipy.stats.hypergeom.cdf(k, total, bad, draws), SciPy 1.17.1
TEST(HypergeometricCdf, IsThatOfScipy) {
  EXPECT_NEAR(hypergeometric_cdf(0, 50, 5, 10), 0.3105627820045686, 1e-13);
  EXPECT_NEAR(hypergeometric_cdf(3, 50, 20, 10), 0.3649682867768368, 1e-13);
  EXPECT_NEAR(hypergeometric_cdf(9, 50, 20, 10), 0.9999820141163487, 1e-13);
  EXPECT_NEAR(hypergeometric_cdf(2, 750, 15, 150), 0.395999423726369, 1e-12);
  EXPECT_NEAR(hypergeometric_cdf(119, 1000, 300, 400), 0.4726758195895602, 1e-11);
  EXPECT_NEAR(hypergeometric_cdf(120, 1000, 300, 400), 0.5288146891951324, 1e-11);
  EXPECT_NEAR(hypergeometric_cdf(0, 1000000, 10000, 300), 0.0490186776329923, 1e-9);
  EXPECT_NEAR(hypergeometric_cdf(4900, 1000000, 10000, 500000), 0.022746122601101086, 1e-8);
  EXPECT_NEAR(hypergeometric_cdf(5000, 1000000, 10000, 500000), 0.5040094205562099, 1e-8);
}

/// As the product of fractions, draw by draw.
double cdf_by_draws(long k, long total, long bad, long draws) {
  std::vector<double> probability{1};  // of so many bad ones so far
  for (long t = 0; t < draws; ++t) {
    std::vector<double> next(probability.size() + 1, 0);
    for (size_t x = 0; x < probability.size(); ++x) {
      const double hit =
          static_cast<double>(bad - static_cast<long>(x)) / static_cast<double>(total - t);
      next[x] += probability[x] * (1 - hit);
      next[x + 1] += probability[x] * hit;
    }
    probability = next;
  }
  double sum = 0;
  for (long x = 0; x <= std::min(k, draws); ++x) sum += probability[static_cast<size_t>(x)];
  return sum;
}

TEST(HypergeometricCdf, IsThatOfDrawingOneByOneForAllSmallCounts) {
  for (long total = 0; total <= 9; ++total) {
    for (long bad = 0; bad <= total; ++bad) {
      for (long draws = 0; draws <= total; ++draws) {
        for (long k = -1; k <= draws + 1; ++k) {
          EXPECT_NEAR(hypergeometric_cdf(k, total, bad, draws),
                      k < 0 ? 0 : cdf_by_draws(k, total, bad, draws), 1e-13)
              << k << " of " << draws << ", " << bad << " of " << total;
        }
      }
    }
  }
}

// max(K : hypergeom.cdf(found, 750, K, draws) > .05), min(K : hypergeom.sf(found - 1, ...) > .05),
// SciPy 1.17.1
TEST(LimitsOfTheBad, AreThoseOfScipy) {
  const struct {
    long found, draws, most, least;
  } cases[] = {{0, 100, 20, 0},     {3, 100, 54, 7},      {17, 100, 179, 87},
               {50, 100, 435, 315}, {100, 100, 750, 730}, {7, 749, 7, 7}};
  for (const auto& c : cases) {
    EXPECT_EQ(most_bad(c.found, c.draws, 750, 0.05), c.most) << c.found << " of " << c.draws;
    EXPECT_EQ(least_bad(c.found, c.draws, 750, 0.05), c.least) << c.found << " of " << c.draws;
  }
}

TEST(LimitsOfTheBad, AreTheCountItselfWhenAllWereDrawn) {
  for (const long found : {0L, 1L, 20L}) {
    EXPECT_EQ(most_bad(found, 20, 20, 0.05), found);
    EXPECT_EQ(least_bad(found, 20, 20, 0.05), found);
  }
  EXPECT_EQ(most_bad(0, 0, 0, 0.05), 0);
  EXPECT_EQ(least_bad(0, 0, 0, 0.05), 0);
}

TEST(LimitsOfTheBad, AreEveryCountWithoutDraws) {
  EXPECT_EQ(most_bad(0, 0, 20, 0.05), 20);
  EXPECT_EQ(least_bad(0, 0, 20, 0.05), 0);
}

TEST(LimitsOfTheBad, ExcludeTheCountWhoseProbabilityIsDeltaItself) {
  EXPECT_EQ(most_bad(0, 19, 20, 1.0 / 20), 0);  // 1 bad one stays undrawn once in 20
  EXPECT_EQ(most_bad(0, 19, 20, 1 - 0.95), 0);
  EXPECT_EQ(most_bad(0, 19, 20, 0.0499), 1);
}

TEST(ShareBad, KeepsItsConfidenceForEveryCount) {
  constexpr long total = 60, draws = 25;
  for (long bad = 0; bad <= total; ++bad) {
    double outside = 0;
    for (long found = 0; found <= draws; ++found) {
      const double p = cdf_by_draws(found, total, bad, draws) -
                       (found > 0 ? cdf_by_draws(found - 1, total, bad, draws) : 0.0);
      const auto share = share_bad(found, draws, total, 0.9);
      const double truth = static_cast<double>(bad) / total;
      if (p > 0 && (truth < share.low - 1e-12 || truth > share.high + 1e-12)) outside += p;
    }
    EXPECT_LE(outside, 0.1 + 1e-12) << bad;
  }
}

TEST(ShareBad, HasTheShareOfTheDrawsInsideTheInterval) {
  for (long draws = 1; draws <= 100; ++draws) {
    for (long found = 0; found <= draws; ++found) {
      const auto share = share_bad(found, draws, 100, 0.95);
      EXPECT_LE(share.low, share.value);
      EXPECT_GE(share.high, share.value);
    }
  }
}

TEST(ShareBad, IsAllOrNothingAtTheEdges) {
  const auto nothing = share_bad(0, 0, 10, 0.95);
  EXPECT_EQ(nothing.low, 0);
  EXPECT_EQ(nothing.high, 1);
  EXPECT_EQ(share_bad(0, 0, 0, 0.95).high, 0);
  const auto all = share_bad(10, 10, 10, 0.95);
  EXPECT_EQ(all.low, 1);
  EXPECT_EQ(all.high, 1);
}

TEST(AllowedBad, IsTheWholePartOfTheDecimalProduct) {
  EXPECT_EQ(allowed_bad(100, 0.57), 57);
  EXPECT_EQ(allowed_bad(100, 0.29), 29);
  EXPECT_EQ(allowed_bad(750, 0.01), 7);
  EXPECT_EQ(allowed_bad(99, 0.01), 0);
  EXPECT_EQ(allowed_bad(1000000, 0.000001), 1);
  EXPECT_EQ(allowed_bad(0, 0.5), 0);
  EXPECT_EQ(allowed_bad(10, 2), 10);
}

// Sample sizes to tell "at most 1, 2, 5 % are bad" with 0, 1, 2 bad ones found, delta 0.05. They
// can be checked one by one with hypergeom.cdf(found, total, floor(max_error * total) + 1, draws).
TEST(AnswersNeeded, AreThoseOfTheTable) {
  const struct {
    long total;
    long draws[3][3];  // [max_error][found]
  } table[] = {{200, {{126, 173, 197}, {90, 131, 162}, {47, 72, 93}}},
               {500, {{196, 290, 364}, {119, 181, 234}, {54, 84, 110}}},
               {1000, {{238, 364, 469}, {132, 206, 269}, {56, 88, 117}}},
               {2000, {{265, 412, 540}, {140, 220, 290}, {57, 91, 120}}},
               {5000, {{284, 447, 590}, {145, 229, 304}, {58, 92, 123}}}};
  const double max_error[] = {0.01, 0.02, 0.05};
  for (const auto& row : table) {
    for (size_t e = 0; e < 3; ++e) {
      for (long found = 0; found < 3; ++found) {
        const long draws = row.draws[e][found];
        const bool impossible = found > allowed_bad(row.total, max_error[e]);
        EXPECT_EQ(answers_needed(row.total, max_error[e], 0.05, found), impossible ? -1 : draws)
            << row.total << " items, " << max_error[e] << ", " << found << " bad";
      }
    }
  }
}

TEST(AnswersNeeded, AreTheLeastWithWhichTheLimitHolds) {
  for (const long found : {0L, 1L, 4L}) {
    const long draws = answers_needed(300, 0.02, 0.05, found);
    EXPECT_LE(most_bad(found, draws, 300, 0.05), 6);
    EXPECT_GT(most_bad(found, draws - 1, 300, 0.05), 6);
  }
}

TEST(AnswersNeeded, AreMinusOneWhenMoreWereFoundThanAreAllowed) {
  EXPECT_EQ(answers_needed(300, 0.02, 0.05, 6), 298);
  EXPECT_EQ(answers_needed(300, 0.02, 0.05, 7), -1);
  EXPECT_EQ(answers_needed(0, 0.02, 0.05, 1), -1);
}

TEST(AnswersNeeded, AreNoneWhereNothingCanBeWrong) {
  EXPECT_EQ(answers_needed(0, 0.01, 0.05), 0);
  EXPECT_EQ(answers_needed(50, 1, 0.05), 0);
  EXPECT_EQ(answers_needed(50, 0, 0.05), 48);  // one bad among the last 2 would be seen 48 in 50
}

}  // namespace
}  // namespace preannotate
