#include "preannotate/quality/paired_difference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

double normal(Random& random) {
  return std::sqrt(-2 * std::log(1 - random.uniform())) * std::cos(2 * M_PI * random.uniform());
}

std::vector<size_t> each_alone(size_t n) {
  std::vector<size_t> group(n);
  std::iota(group.begin(), group.end(), size_t{0});
  return group;
}

/// Two ways that share most of what an item costs: `apart` on average, 0.5 of noise of their own.
struct TwoWays {
  std::vector<double> a, b;
};
TwoWays two_ways(size_t n, double apart, Random& random) {
  TwoWays ways;
  for (size_t i = 0; i < n; ++i) {
    const double shared = 3 * normal(random);
    ways.a.push_back(shared + apart + 0.5 * normal(random));
    ways.b.push_back(shared);
  }
  return ways;
}

TEST(PairedDifference, IsAsWideAsTheNormalApproximationOnManyItems) {
  Random random(1);
  const auto ways = two_ways(2000, 0.1, random);
  const auto found = paired_difference(ways.a, ways.b, each_alone(2000), 0);
  EXPECT_NEAR(found.value, 0.1, 0.04);
  EXPECT_NEAR(found.value - found.low, 1.96 * 0.5 / std::sqrt(2000), 0.003);
  EXPECT_NEAR(found.high - found.value, 1.96 * 0.5 / std::sqrt(2000), 0.003);
  EXPECT_TRUE(found.beyond_noise());
}

TEST(PairedDifference, HoldsTheTrueDifferenceAboutNineteenTimesInTwenty) {
  Random random(2);
  int held = 0;
  for (int repeat = 0; repeat < 400; ++repeat) {
    const auto ways = two_ways(60, 0.2, random);
    const auto found = paired_difference(ways.a, ways.b, each_alone(60), random.next(), 400);
    held += found.low <= 0.2 && 0.2 <= found.high;
  }
  EXPECT_GE(held, 364);  // 91 %; of 95 % three standard errors are 3.3 points
  EXPECT_LE(held, 393);
}

TEST(PairedDifference, OfEqualWaysIsMostlyWithinTheNoise) {
  Random random(3);
  int beyond = 0;
  for (int repeat = 0; repeat < 200; ++repeat) {
    const auto ways = two_ways(80, 0, random);
    beyond += paired_difference(ways.a, ways.b, each_alone(80), random.next(), 400).beyond_noise();
  }
  EXPECT_LE(beyond, 22);
}

TEST(PairedDifference, CopiesOfAnItemAddNoCertainty) {
  Random random(4);
  const auto ways = two_ways(100, 0.1, random);
  const auto once = paired_difference(ways.a, ways.b, each_alone(100), 0);
  std::vector<double> a = ways.a, b = ways.b;
  a.insert(a.end(), ways.a.begin(), ways.a.end());
  b.insert(b.end(), ways.b.begin(), ways.b.end());
  auto group = each_alone(100);
  const auto copied = group;
  group.insert(group.end(), copied.begin(), copied.end());
  const auto twice = paired_difference(a, b, group, 0);
  EXPECT_NEAR(twice.value, once.value, 1e-12);
  EXPECT_NEAR(twice.low, once.low, 1e-12);
  EXPECT_NEAR(twice.high, once.high, 1e-12);
  const auto taken_apart = paired_difference(a, b, each_alone(200), 0);
  EXPECT_LT(taken_apart.high - taken_apart.low, 0.8 * (twice.high - twice.low));
}

TEST(PairedDifference, IsTheSameForTheSameSeedAndTurnsRoundWithTheWays) {
  Random random(5);
  const auto ways = two_ways(50, 0.3, random);
  const auto group = each_alone(50);
  const auto one = paired_difference(ways.a, ways.b, group, 7);
  const auto same = paired_difference(ways.a, ways.b, group, 7);
  EXPECT_EQ(one.low, same.low);
  EXPECT_EQ(one.high, same.high);
  const auto turned = paired_difference(ways.b, ways.a, group, 7);
  EXPECT_EQ(turned.value, -one.value);
  EXPECT_NEAR(turned.low, -one.high, 0.01);
}

TEST(PairedDifference, OfOneGroupOrNoneIsNeverBeyondTheNoise) {
  const auto one = paired_difference({3, 4}, {1, 1}, {9, 9}, 0);
  EXPECT_EQ(one.value, 2.5);
  EXPECT_EQ(one.low, 0);
  EXPECT_EQ(one.high, 2.5);
  EXPECT_FALSE(one.beyond_noise());
  EXPECT_FALSE(paired_difference({}, {}, {}, 0).beyond_noise());
}

}  // namespace
}  // namespace preannotate
