#include "preannotate/quality/audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "preannotate/core/random.h"
#include "preannotate/quality/exact_counts.h"

namespace preannotate {
namespace {

using Verdict = SequentialAudit::Verdict;

/// `bad` of `total` in random order.
std::vector<char> shuffled(long total, long bad, Random& random) {
  std::vector<char> labels(static_cast<size_t>(total), 0);
  std::fill_n(labels.begin(), bad, 1);
  random.shuffle(labels);
  return labels;
}

long draws_until(Verdict wanted, long total, double tolerance, bool bad) {
  SequentialAudit audit(total, tolerance, 0.05);
  while (audit.verdict() != wanted && audit.drawn() < total) audit.add(bad);
  return audit.verdict() == wanted ? audit.drawn() : -1;
}

/// Prior over posterior of a count, each a beta-binomial: the definition.
double log_ratio(long total, long bad, double prior_good, long drawn, long found) {
  const auto log_beta = [](double a, double b) {
    return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
  };
  const auto log_choose = [](double n, double k) {
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
  };
  const auto beta_binomial = [&](long n, long k, double a, double b) {
    const auto items = static_cast<double>(n), hits = static_cast<double>(k);
    return log_choose(items, hits) + log_beta(hits + a, items - hits + b) - log_beta(a, b);
  };
  return beta_binomial(total, bad, 1, prior_good) -
         beta_binomial(total - drawn, bad - found, 1 + static_cast<double>(found),
                       prior_good + static_cast<double>(drawn - found));
}

TEST(SequentialAudit, KeepsEveryCountWhoseRatioIsBelowTheLimit) {
  Random random(4);
  for (const long bad : {0L, 3L, 12L, 60L, 120L}) {
    SequentialAudit audit(120, 0.05, 0.05);
    for (const char label : shuffled(120, bad, random)) {
      audit.add(label != 0);
      long least = -1, most = -1;
      for (long k = audit.found(); k <= 120 - audit.drawn() + audit.found(); ++k) {
        if (log_ratio(120, k, 20, audit.drawn(), audit.found()) >= -std::log(0.05)) continue;
        if (least < 0) least = k;
        most = k;
      }
      ASSERT_EQ(audit.least(), least) << bad << " bad, " << audit.drawn() << " drawn";
      ASSERT_EQ(audit.most(), most) << bad << " bad, " << audit.drawn() << " drawn";
    }
  }
}

TEST(SequentialAudit, VerdictIsThatOfItsLimits) {
  Random random(5);
  for (const long bad : {0L, 2L, 5L, 6L, 30L, 100L}) {
    SequentialAudit audit(100, 0.05, 0.05);
    for (const char label : shuffled(100, bad, random)) {
      audit.add(label != 0);
      EXPECT_EQ(audit.verdict(), audit.most() <= 5   ? Verdict::kKept
                                 : audit.least() > 5 ? Verdict::kBroken
                                                     : Verdict::kGoOn);
    }
    EXPECT_EQ(audit.verdict(), bad <= 5 ? Verdict::kKept : Verdict::kBroken);
  }
}

// Draws to tell that at most 1, 2, 5 % of 1000 are bad when none is, from a separate computation.
TEST(SequentialAudit, NeedsTheKnownNumberOfDrawsWithoutABadOne) {
  EXPECT_EQ(draws_until(Verdict::kKept, 1000, 0.01, false), 332);
  EXPECT_EQ(draws_until(Verdict::kKept, 1000, 0.02, false), 195);
  EXPECT_EQ(draws_until(Verdict::kKept, 1000, 0.05, false), 86);
}

TEST(SequentialAudit, IsBrokenSoonWhenAllAreBad) {
  const long draws = draws_until(Verdict::kBroken, 1000, 0.01, true);
  EXPECT_GT(draws, 0);
  EXPECT_LT(draws, 5);
}

// A single look at which the interval misses the truth counts: no rule to stop can do worse. With
// 40 bad ones of 200 it is 4.8 % of 20 000 runs, so that 500 need room for chance.
TEST(SequentialAudit, CoversTheTruthAtEveryLook) {
  Random random(6);
  for (const long bad : {1L, 5L, 40L}) {
    int missed = 0;
    for (int run = 0; run < 500; ++run) {
      SequentialAudit audit(200, 0.02, 0.05);
      bool covered = true;
      for (const char label : shuffled(200, bad, random)) {
        audit.add(label != 0);
        covered = covered && audit.least() <= bad && bad <= audit.most();
      }
      missed += !covered;
    }
    EXPECT_LE(missed, 500 * 0.05 + 3 * std::sqrt(500 * 0.05 * 0.95)) << bad;
  }
}

TEST(SequentialAudit, CoversTheTruthWhenItStopsInNineteenOfTwentyRuns) {
  Random random(10);
  for (const long bad : {2L, 8L, 100L}) {
    int missed = 0;
    for (int run = 0; run < 500; ++run) {
      SequentialAudit audit(750, 0.01, 0.05);
      for (const char label : shuffled(750, bad, random)) {
        audit.add(label != 0);
        if (audit.verdict() != Verdict::kGoOn) break;
      }
      const auto interval = audit.interval();
      const double truth = static_cast<double>(bad) / 750;
      missed += truth < interval.low || truth > interval.high;
    }
    EXPECT_LE(missed, 25) << bad;
  }
}

TEST(SequentialAudit, SaysKeptOfABrokenToleranceInAtMostOneOfTwentyRuns) {
  Random random(7);
  int kept = 0, broken = 0;
  for (int run = 0; run < 500; ++run) {
    SequentialAudit audit(1000, 0.02, 0.05);
    for (const char label : shuffled(1000, 21, random)) {
      audit.add(label != 0);
      if (audit.verdict() != Verdict::kGoOn) break;
    }
    kept += audit.verdict() == Verdict::kKept;
    broken += audit.verdict() == Verdict::kBroken;
  }
  EXPECT_LE(kept, 25);
  EXPECT_GT(kept, 5);  // one bad label too many is the hardest case: the limit is nearly used up
  EXPECT_EQ(kept + broken, 500);
}

TEST(SequentialAudit, IsFastOnAMillionLabels) {
  Random random(8);
  SequentialAudit audit(1000000, 0.01, 0.05);
  for (const char label : shuffled(1000000, 9000, random)) {
    if (audit.drawn() == 300000) break;
    audit.add(label != 0);
    if (audit.drawn() % 100 != 0) continue;
    ASSERT_LE(audit.least(), 9000);
    ASSERT_GE(audit.most(), 9000);
  }
  EXPECT_EQ(audit.verdict(), Verdict::kKept);
  EXPECT_LT(audit.interval().high, 0.01);
  EXPECT_GT(audit.interval().low, 0.008);
}

TEST(SequentialAudit, KnowsNothingBeforeTheFirstDraw) {
  const SequentialAudit audit(100, 0.01, 0.05);
  EXPECT_EQ(audit.least(), 0);
  EXPECT_EQ(audit.most(), 100);
  EXPECT_EQ(audit.interval().low, 0);
  EXPECT_EQ(audit.interval().high, 1);
  EXPECT_EQ(audit.verdict(), Verdict::kGoOn);
}

TEST(SequentialAudit, KnowsTheCountWhenAllAreDrawn) {
  for (const double tolerance : {0.0, 0.001, 0.5, 1.0}) {
    SequentialAudit audit(40, tolerance, 0.05);
    for (int i = 0; i < 40; ++i) audit.add(i % 10 == 0);
    EXPECT_EQ(audit.least(), 4);
    EXPECT_EQ(audit.most(), 4);
    EXPECT_EQ(audit.interval().value, 0.1);
    EXPECT_EQ(audit.verdict(), tolerance >= 0.5 ? Verdict::kKept : Verdict::kBroken);
  }
}

TEST(SequentialAudit, IsKeptWithoutLabelsAndWhereAllMayBeBad) {
  const SequentialAudit none(0, 0.01, 0.05);
  EXPECT_EQ(none.verdict(), Verdict::kKept);
  EXPECT_EQ(none.interval().high, 0);
  EXPECT_EQ(SequentialAudit(10, 1, 0.05).verdict(), Verdict::kKept);
}

TEST(ResidualError, CoversTheTruthInNineteenOfTwentyRuns) {
  Random random(9);
  const struct { long total, bad, drawn; } kinds[] = {{500, 4, 60}, {200, 9, 40}, {50, 6, 20}};
  const double truth = 19.0 / 750;
  int missed = 0;
  double value = 0;
  for (int run = 0; run < 500; ++run) {
    std::vector<Stratum> strata;
    for (const auto& kind : kinds) {
      Stratum stratum{kind.total, kind.drawn, 0};
      const auto labels = shuffled(kind.total, kind.bad, random);
      for (long i = 0; i < kind.drawn; ++i) stratum.found += labels[static_cast<size_t>(i)];
      strata.push_back(stratum);
    }
    const auto error = residual_error(strata, 0.95);
    missed += truth < error.low || truth > error.high;
    value += error.value / 500;
  }
  EXPECT_LE(missed, 25);
  EXPECT_NEAR(value, truth, 0.002);  // unbiased
}

TEST(ResidualError, OfOneStratumIsItsShare) {
  const auto error = residual_error({{300, 50, 2}}, 0.95);
  const auto share = share_bad(2, 50, 300, 0.95);
  EXPECT_DOUBLE_EQ(error.value, share.value);
  EXPECT_DOUBLE_EQ(error.low, share.low);
  EXPECT_DOUBLE_EQ(error.high, share.high);
}

TEST(ResidualError, LeavesAStratumWithoutDrawsOpen) {
  const auto error = residual_error({{75, 75, 3}, {25, 0, 0}}, 0.95);
  EXPECT_DOUBLE_EQ(error.low, 0.03);
  EXPECT_DOUBLE_EQ(error.high, 0.28);
  EXPECT_DOUBLE_EQ(error.value, 0.04);
}

TEST(ResidualError, IsExactWhenAllWereDrawn) {
  const auto error = residual_error({{60, 60, 6}, {40, 40, 40}, {0, 0, 0}}, 0.95);
  EXPECT_DOUBLE_EQ(error.value, 0.46);
  EXPECT_DOUBLE_EQ(error.low, 0.46);
  EXPECT_DOUBLE_EQ(error.high, 0.46);
}

TEST(ResidualError, IsNoneWithoutItemsAndUnknownWithoutDraws) {
  EXPECT_EQ(residual_error({}, 0.95).high, 0);
  EXPECT_EQ(residual_error({{0, 0, 0}}, 0.95).high, 0);
  const auto unknown = residual_error({{10, 0, 0}}, 0.95);
  EXPECT_EQ(unknown.value, 0);
  EXPECT_EQ(unknown.low, 0);
  EXPECT_EQ(unknown.high, 1);
}

}  // namespace
}  // namespace preannotate
