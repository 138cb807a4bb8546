#include "preannotate/quality/thresholds.h"

#include <gtest/gtest.h>

#include <cmath>

#include "preannotate/core/random.h"
#include "preannotate/quality/calibration.h"

namespace preannotate {
namespace {

double normal(Random& random) {
  return std::sqrt(-2 * std::log(1 - random.uniform())) * std::cos(2 * M_PI * random.uniform());
}

/// What the scores of a made-up head are worth: P(right) = sigmoid(slope logit(score) + shift[c]).
struct World {
  double slope = 1;
  std::vector<double> shift = std::vector<double>(10, 0.0);

  std::vector<JudgedDraft> drafts(size_t n, std::uint64_t seed) const {
    Random random(seed);
    std::vector<JudgedDraft> drafts;
    for (size_t i = 0; i < n; ++i) {
      const auto category = static_cast<int>(random.below(shift.size()));
      const double x = 1.8 + 2 * normal(random);
      const double p = sigmoid(slope * x + shift[static_cast<size_t>(category)]);
      drafts.push_back({category, sigmoid(x), random.uniform() < p, static_cast<int>(i)});
    }
    return drafts;
  }
};

struct Counted {
  long accepted = 0, right = 0;
  double precision() const { return static_cast<double>(right) / static_cast<double>(accepted); }
};

Counted counted(const std::vector<JudgedDraft>& drafts, const AcceptScores& scores) {
  Counted counted;
  for (const auto& draft : drafts) {
    if (!is_accepted(scores, draft.category, draft.score)) continue;
    ++counted.accepted;
    counted.right += draft.right;
  }
  return counted;
}

/// Of `repeats` seeds of 250 drafts: how often 2,000 others are right at least as often as asked
/// (or chance explains that they are not), and how often their precision, but for chance, is in the
/// interval said.
struct Kept {
  int asked = 0, in_interval = 0, of = 0;
};

Kept kept_promises(const World& world, double target, int repeats) {
  Kept kept;
  for (int i = 0; i < repeats; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    const auto acceptance = accept_for_precision(world.drafts(250, 2 * seed), 10, target, seed);
    if (!acceptance.precision) continue;
    const auto others = counted(world.drafts(2000, 2 * seed + 1), acceptance.scores);
    const Interval measured = share_with_interval(others.right, others.accepted);
    ++kept.of;
    kept.asked += measured.high >= target;
    kept.in_interval +=
        measured.high >= acceptance.precision->low && measured.low <= acceptance.precision->high;
  }
  return kept;
}

TEST(Thresholds, KeepTheirPromiseOnOtherDrafts) {
  World overconfident, uneven;
  overconfident.slope = 0.8;
  for (size_t c = 0; c < 10; ++c) uneven.shift[c] = c % 2 ? 0.7 : -0.7;
  for (const auto& world : {World(), overconfident, uneven}) {
    for (const double target : {0.9, 0.95, 0.98}) {
      const Kept kept = kept_promises(world, target, 100);
      EXPECT_GE(kept.of, 90);
      EXPECT_GE(kept.asked, 0.89 * kept.of) << target << " at slope " << world.slope;
      EXPECT_GE(kept.in_interval, 0.95 * kept.of) << target << " at slope " << world.slope;
    }
  }
}

TEST(Thresholds, AcceptMostOfWhatATrueProbabilityWould) {
  const World world;
  const auto others = world.drafts(4000, 99);
  double accepted = 0;
  for (int i = 0; i < 30; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    const auto acceptance = accept_for_precision(world.drafts(250, seed), 10, 0.95, seed);
    accepted += static_cast<double>(counted(others, acceptance.scores).accepted) / 30;
  }
  // Of the true probabilities, the most whose mean is 0.95.
  auto sorted = others;
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.score > b.score; });
  double sum = 0, best = 0;
  for (size_t n = 1; n <= sorted.size(); ++n) {
    sum += sorted[n - 1].score;
    if (sum >= 0.95 * static_cast<double>(n)) best = static_cast<double>(n);
  }
  EXPECT_GT(accepted, 0.7 * best);
  EXPECT_LT(accepted, best);
}

TEST(Thresholds, AStricterTargetAcceptsLess) {
  const auto drafts = World().drafts(300, 3);
  long last = 301;
  for (const double target : {0.8, 0.9, 0.95, 0.98}) {
    const auto acceptance = accept_for_precision(drafts, 10, target, 0);
    const long accepted = counted(drafts, acceptance.scores).accepted;
    EXPECT_LT(accepted, last) << target;
    last = accepted;
  }
}

TEST(Thresholds, AClassThatIsOftenWrongNeedsAHigherScore) {
  World world;
  world.shift[3] = -2;
  const auto acceptance = accept_for_precision(world.drafts(600, 5), 10, 0.9, 0);
  ASSERT_TRUE(acceptance.scores[4]);
  EXPECT_GT(acceptance.scores[3].value_or(1), *acceptance.scores[4] + 0.02);
}

TEST(Thresholds, AClassWithoutDraftsKeepsTheCommonScore) {
  auto drafts = World().drafts(400, 7);
  std::erase_if(drafts, [](const auto& draft) { return draft.category == 9; });
  const auto acceptance = accept_for_precision(drafts, 10, 0.9, 0);
  ASSERT_TRUE(acceptance.scores[9]);
  double least = 1, most = 0;
  for (int c = 0; c < 9; ++c) {
    least = std::min(least, *acceptance.scores[static_cast<size_t>(c)]);
    most = std::max(most, *acceptance.scores[static_cast<size_t>(c)]);
  }
  EXPECT_GT(*acceptance.scores[9], least);
  EXPECT_LT(*acceptance.scores[9], most);
}

TEST(Thresholds, ScoresThatSayNothingAcceptNothing) {
  Random random(1);
  std::vector<JudgedDraft> drafts;
  for (int i = 0; i < 300; ++i) {
    drafts.push_back({0, random.uniform(), random.uniform() < 0.5, i});
  }
  const auto acceptance = accept_for_precision(drafts, 1, 0.95, 0);
  EXPECT_EQ(acceptance.scores, AcceptScores{std::nullopt});
  EXPECT_FALSE(acceptance.precision);
  EXPECT_EQ(acceptance.accepted, 0);
  EXPECT_EQ(acceptance.items, 300);
  EXPECT_GT(acceptance.reachable, 0.3);
  EXPECT_LT(acceptance.reachable, 0.95);
}

TEST(Thresholds, WhatIsReachableIsAcceptedAndWhatIsAboveIsNot) {
  const auto drafts = World().drafts(120, 11);
  const double reachable = accept_for_precision(drafts, 10, 0.999999, 0).reachable;
  const auto accepts = [&](double target) {
    return counted(drafts, accept_for_precision(drafts, 10, target, 0).scores).accepted > 0;
  };
  EXPECT_TRUE(accepts(reachable - 0.005));
  EXPECT_FALSE(accepts(reachable + 0.005));
}

TEST(Thresholds, NoDraftsAcceptNothing) {
  const auto acceptance = accept_for_precision({}, 2, 0.95, 0);
  EXPECT_EQ(acceptance.scores, (AcceptScores{std::nullopt, std::nullopt}));
  EXPECT_FALSE(acceptance.precision);
  EXPECT_EQ(acceptance.reachable, 0);
}

TEST(Thresholds, AScoreAtTheThresholdIsAccepted) {
  EXPECT_TRUE(is_accepted({0.9, std::nullopt}, 0, 0.9));
  EXPECT_FALSE(is_accepted({0.9, std::nullopt}, 0, 0.8999));
  EXPECT_FALSE(is_accepted({0.9, std::nullopt}, 1, 1));
}

TEST(Thresholds, CountsOfTheClassesAddUp) {
  const auto acceptance = accept_for_precision(World().drafts(250, 13), 10, 0.9, 0);
  long items = 0, accepted = 0, right = 0;
  for (const auto& category : acceptance.categories) {
    items += category.support, accepted += category.predicted, right += category.hits;
  }
  EXPECT_EQ(items, 250);
  EXPECT_EQ(accepted, acceptance.accepted);
  EXPECT_EQ(right, acceptance.right);
}

TEST(Thresholds, BoxesThatGoWrongTogetherWidenTheInterval) {
  auto drafts = World().drafts(400, 17);
  const auto apart = accept_for_precision(drafts, 10, 0.9, 0);
  std::vector<JudgedDraft> together;  // each ten times, in one image
  for (const auto& draft : drafts) together.insert(together.end(), 10, draft);
  const auto same = accept_for_precision(together, 10, 0.9, 0);
  ASSERT_TRUE(apart.precision && same.precision);
  const auto width = [](const Acceptance& a) { return a.precision->high - a.precision->low; };
  EXPECT_GT(width(same), 0.6 * width(apart));
  EXPECT_GT(same.accepted, 5 * apart.accepted);
}

TEST(Thresholds, TheSameSeedGivesTheSameFigures) {
  const auto drafts = World().drafts(250, 19);
  const auto a = accept_for_precision(drafts, 10, 0.95, 4),
             b = accept_for_precision(drafts, 10, 0.95, 4);
  EXPECT_EQ(a.scores, b.scores);
  EXPECT_EQ(a.right, b.right);
  EXPECT_EQ(a.accepted, b.accepted);
}

}  // namespace
}  // namespace preannotate
