#include "preannotate/quality/box_calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

using Boxes = std::vector<ScoredBox>;

/// Scores (i + 1/2) / 40, right where `right` says so.
template <class Right>
Boxes forty(const Right& right) {
  Boxes boxes;
  for (int i = 0; i < 40; ++i) boxes.push_back({(i + 0.5) / 40, right(i)});
  return boxes;
}

/// Boxes that are right with probability score^2, scores on a grid of `levels`.
Boxes overconfident(size_t n, std::uint64_t levels, std::uint64_t seed) {
  Random random(seed);
  Boxes boxes;
  for (size_t i = 0; i < n; ++i) {
    const double score = (static_cast<double>(random.below(levels)) + 0.5) / levels;
    boxes.push_back({score, random.uniform() < score * score});
  }
  return boxes;
}

void expect_rising_probabilities(const ScoreMap& map) {
  double last = 0;
  for (int i = 0; i <= 10000; ++i) {
    const double p = map(i / 10000.0);
    EXPECT_GE(p, last);
    EXPECT_LE(p, 1);
    last = p;
  }
}

/// The isotonic fit at each box by its min-max formula: the largest over starts at or before it of
/// the smallest mean over ends at or after it. Equal scores start and end together.
std::vector<double> isotonic_by_definition(Boxes boxes) {
  std::sort(boxes.begin(), boxes.end(),
            [](const ScoredBox& a, const ScoredBox& b) { return a.score < b.score; });
  const size_t n = boxes.size();
  const auto mean = [&](size_t from, size_t to) {
    double right = 0;
    for (size_t i = from; i <= to; ++i) right += boxes[i].right;
    return right / static_cast<double>(to - from + 1);
  };
  std::vector<double> fit(n, 0);
  for (size_t at = 0; at < n; ++at) {
    for (size_t from = 0; from <= at; ++from) {
      if (from > 0 && boxes[from - 1].score == boxes[from].score) continue;
      double smallest = 1;
      for (size_t to = at; to < n; ++to) {
        if (to + 1 < n && boxes[to + 1].score == boxes[to].score) continue;
        smallest = std::min(smallest, mean(from, to));
      }
      fit[at] = std::max(fit[at], smallest);
    }
  }
  return fit;
}

TEST(ScoreMap, IsTheIdentityUnlessItIsFitted) {
  for (const double score : {0.0, 0.3, 1.0}) EXPECT_EQ(ScoreMap{}(score), score);
}

TEST(ScoreMap, IsTheIdentityForFewOfAKind) {
  EXPECT_EQ(fit_score_map(forty([](int i) { return i >= 36; })).method, "none");
  EXPECT_EQ(fit_score_map(forty([](int i) { return i >= 35; })).method, "platt");
  EXPECT_EQ(fit_score_map(forty([](int i) { return i >= 4; })).method, "none");
  EXPECT_EQ(fit_score_map(forty([](int i) { return i >= 5; })).method, "platt");
  EXPECT_EQ(fit_score_map(forty([](int) { return true; })).method, "none");
  EXPECT_EQ(fit_score_map(forty([](int) { return false; })).method, "none");
  EXPECT_EQ(fit_score_map({}).method, "none");
  EXPECT_EQ(fit_score_map({}, 0).method, "none");
}

// The expected values are the minimum of Platt's loss that scipy 1.17's Nelder-Mead method finds.
TEST(Platt, IsTheMinimumOfItsLoss) {
  const auto calibrated = fit_score_map(forty([](int i) { return (7 * i * i + 3 * i) % 40 < i; }));
  EXPECT_EQ(calibrated.method, "platt");
  EXPECT_NEAR(calibrated.slope, 0.854480542, 1e-6);
  EXPECT_NEAR(calibrated.offset, 0, 1e-6);
  const auto too_sure = fit_score_map(forty([](int i) { return (11 * i * i + 5 * i) % 60 < i; }));
  EXPECT_NEAR(too_sure.slope, 0.37064305, 1e-6);
  EXPECT_NEAR(too_sure.offset, -0.9151275, 1e-6);
}

TEST(Platt, TakesScoresOfZeroAndOne) {
  Boxes boxes;
  for (int k = 0; k < 24; ++k) boxes.push_back({k % 2 ? 1.0 : 0.0, k % 2 == 1 || k % 6 == 0});
  for (int k = 0; k < 4; ++k) boxes.push_back({0.5, k == 0});
  const auto map = fit_score_map(boxes);
  EXPECT_NEAR(map.slope, 0.10423676, 1e-6);
  EXPECT_NEAR(map.offset, 0.62816491, 1e-6);
  expect_rising_probabilities(map);
}

TEST(Platt, IsTheBestConstantWhereHigherScoresAreWorse) {
  const auto map = fit_score_map(forty([](int i) { return i < 15 || i == 39; }));
  EXPECT_EQ(map.slope, 0);
  EXPECT_NEAR(map.offset, -0.40190513, 1e-6);
}

TEST(Platt, FindsTheMapThatTheBoxesWereDrawnFrom) {
  Random random(11);
  Boxes boxes;
  for (int i = 0; i < 20000; ++i) {
    const double score = random.uniform(), logit = std::log(score / (1 - score));
    boxes.push_back({score, random.uniform() < 1 / (1 + std::exp(-(0.7 * logit - 0.5)))});
  }
  const auto map = fit_score_map(boxes, 20, 100000);
  EXPECT_NEAR(map.slope, 0.7, 0.03);
  EXPECT_NEAR(map.offset, -0.5, 0.05);
}

TEST(Platt, WorksWhenAllScoresAreEqualOrFarApart) {
  Boxes equal;
  for (int i = 0; i < 30; ++i) equal.push_back({0.9, i % 3 == 0});
  const auto map = fit_score_map(equal);
  // The mean of the targets 11/12, for 10 boxes, and 1/22, for 20.
  EXPECT_NEAR(map(0.9), (10 * 11.0 / 12 + 20 / 22.0) / 30, 1e-6);
  expect_rising_probabilities(map);
  Boxes separable;
  for (int i = 0; i < 30; ++i) separable.push_back({i < 15 ? 1e-9 : 1.0, i >= 15});
  const auto sure = fit_score_map(separable);
  EXPECT_NEAR(sure(1), 16.0 / 17, 1e-6);
  EXPECT_NEAR(sure(0), 1.0 / 17, 1e-6);
}

TEST(Isotonic, PoolsHaveTheProbabilitiesOfTheDefinitionAndStandAtTheirMeanScore) {
  for (const std::uint64_t levels : {3, 10, 1000000}) {
    auto boxes = overconfident(120, levels, levels);
    const auto map = fit_score_map(boxes, 5, 10);
    ASSERT_EQ(map.method, "isotonic");
    std::sort(boxes.begin(), boxes.end(),
              [](const ScoredBox& a, const ScoredBox& b) { return a.score < b.score; });
    const auto fit = isotonic_by_definition(boxes);
    size_t pool = 0;
    for (size_t i = 0; i < boxes.size(); ++pool) {
      double scores = 0, in_pool = 0;
      for (const double p = fit[i]; i < boxes.size() && std::abs(fit[i] - p) < 1e-12; ++i) {
        scores += boxes[i].score, ++in_pool;
      }
      ASSERT_LT(pool, map.steps.size());
      EXPECT_NEAR(map.steps[pool].second, fit[i - 1], 1e-12);
      EXPECT_NEAR(map.steps[pool].first, scores / in_pool, 1e-12);
      EXPECT_NEAR(map(scores / in_pool), fit[i - 1], 1e-9);
    }
    EXPECT_EQ(pool, map.steps.size());
    expect_rising_probabilities(map);
  }
}

TEST(Isotonic, IsForManyOfBothKinds) {
  Boxes boxes;
  for (int i = 0; i < 5000; ++i) boxes.push_back({i < 199 ? 0.9 : 0.01, i < 199});
  EXPECT_EQ(fit_score_map(boxes).method, "platt");
  boxes.back().right = true;
  EXPECT_EQ(fit_score_map(boxes).method, "isotonic");
}

TEST(Isotonic, IsLinearBetweenItsStepsAndFlatOutside) {
  ScoreMap map;
  map.method = "isotonic";
  map.steps = {{0.2, 0.1}, {0.6, 0.3}, {0.7, 0.9}};
  EXPECT_EQ(map(0), 0.1);
  EXPECT_EQ(map(0.2), 0.1);
  EXPECT_NEAR(map(0.4), 0.2, 1e-12);
  EXPECT_NEAR(map(0.65), 0.6, 1e-12);
  EXPECT_EQ(map(0.7), 0.9);
  EXPECT_EQ(map(1), 0.9);
}

TEST(Isotonic, IsOneStepWhereHigherScoresAreWorse) {
  const auto map = fit_score_map(forty([](int i) { return i < 10; }), 5, 10);
  EXPECT_EQ(map.method, "isotonic");
  EXPECT_EQ(map.steps.size(), 1u);
  EXPECT_EQ(map(0), 0.25);
  EXPECT_EQ(map(1), 0.25);
}

TEST(ScoreMaps, BothMethodsMakeANewSetOfBoxesCalibrated) {
  const auto fresh = overconfident(20000, 1000, 2);
  for (const size_t boxes : {300, 5000}) {
    const auto map = fit_score_map(overconfident(boxes, 1000, 1));
    EXPECT_EQ(map.method, boxes < 1000 ? "platt" : "isotonic");
    double gap = 0, raw_gap = 0;
    for (const auto& box : fresh) {
      const double wanted = box.score * box.score;
      gap += std::abs(map(box.score) - wanted) / 20000;
      raw_gap += std::abs(box.score - wanted) / 20000;
    }
    EXPECT_GT(raw_gap, 0.15);
    EXPECT_LT(gap, 0.03) << map.method;
  }
}

TEST(ScoreMaps, ACategoryWithEnoughBoxesOfBothKindsHasItsOwn) {
  const auto many = overconfident(150, 1000, 3), few = overconfident(60, 1000, 4);
  auto all_right = many;
  for (auto& box : all_right) box.right = true;
  Boxes all;
  for (const auto& boxes : {many, few, all_right})
    all.insert(all.end(), boxes.begin(), boxes.end());

  const auto maps = fit_score_maps({many, few, all_right, {}});
  ASSERT_EQ(maps.size(), 4u);
  EXPECT_EQ(maps[0].slope, fit_score_map(many).slope);
  const auto common = fit_score_map(all);
  EXPECT_NE(common.slope, maps[0].slope);
  for (const size_t c : {1, 2, 3}) {
    EXPECT_EQ(maps[c].method, "platt");
    EXPECT_EQ(maps[c].slope, common.slope);
    EXPECT_EQ(maps[c].offset, common.offset);
  }
}

TEST(ScoreMaps, AreIdentitiesWithoutBoxes) {
  for (const auto& map : fit_score_maps({{}, {}})) EXPECT_EQ(map.method, "none");
  EXPECT_TRUE(fit_score_maps({}).empty());
}

}  // namespace
}  // namespace preannotate
