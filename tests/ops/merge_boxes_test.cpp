#include "preannotate/ops/merge_boxes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <stdexcept>

namespace preannotate {
namespace {

struct Case {
  std::vector<Box> boxes;
  std::vector<float> scores;
  std::vector<std::int64_t> groups;

  operator ScoredBoxes() const { return {boxes, scores, groups}; }
};

/// Scores from 0 on and boxes on coarse grids, so that both tie.
Case random_case(int n, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned limit) { return static_cast<float>(random() % limit); };
  Case c;
  for (int i = 0; i < n; ++i) {
    const float x = below(60), y = below(60);
    c.boxes.push_back({x, y, x + 1 + below(40), y + 1 + below(40)});
    c.scores.push_back(below(50) / 50);
    c.groups.push_back(static_cast<std::int64_t>(random() % 3) - 1);
  }
  return c;
}

/// The definition: all rows at once, the best of all taken each time.
DecayedRows soft_nms_by_definition(const Case& c, float sigma, float floor) {
  std::vector<float> scores = c.scores;
  std::vector<bool> ended(scores.size());
  DecayedRows out;
  while (true) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!(c.scores[i] > 0) || scores[i] < floor) ended[i] = true;
      if (!ended[i] && (!best || scores[i] > scores[*best])) best = i;
    }
    if (!best) return out;
    ended[*best] = true;
    out.rows.push_back(static_cast<std::int64_t>(*best));
    out.scores.push_back(scores[*best]);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const float overlap = iou(c.boxes[*best], c.boxes[i]);
      if (!ended[i] && c.groups[i] == c.groups[*best]) {
        scores[i] *= std::exp(-overlap * overlap / sigma);
      }
    }
  }
}

TEST(SoftNms, GivesWhatItsDefinitionGives) {
  for (const int n : {0, 1, 2, 63, 64, 65, 300}) {
    for (const float sigma : {0.1f, 0.5f, 2.0f}) {
      for (const float floor : {0.0f, 0.05f, 0.5f}) {
        const auto c = random_case(n, static_cast<unsigned>(n));
        const auto expected = soft_nms_by_definition(c, sigma, floor);
        const auto got = soft_nms(c, sigma, floor);
        EXPECT_EQ(got.rows, expected.rows) << "n=" << n << " sigma=" << sigma;
        EXPECT_EQ(got.scores, expected.scores) << "n=" << n << " sigma=" << sigma;
      }
    }
  }
}

TEST(SoftNms, AnEqualBoxDecaysByTheGaussianOfOne) {
  const Case c{{{0, 0, 4, 4}, {0, 0, 4, 4}, {0, 0, 4, 4}}, {0.8f, 0.9f, 0.7f}, {0, 0, 1}};
  const auto got = soft_nms(c, 0.5f, 0.01f);
  EXPECT_EQ(got.rows, (std::vector<std::int64_t>{1, 2, 0}));
  EXPECT_FLOAT_EQ(got.scores[2], 0.8f * std::exp(-2.0f));
  EXPECT_EQ(soft_nms(c, 0.5f, 0.7f).rows, (std::vector<std::int64_t>{1, 2}));
}

TEST(SoftNms, ScoresThatAreNotAboveZeroTakeNoPart) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Case c{{{0, 0, 4, 4}, {0, 0, 4, 4}, {0, 0, 4, 4}}, {nan, 0.0f, 0.5f}, {0, 0, 0}};
  EXPECT_EQ(soft_nms(c, 0.5f, 0.0f).rows, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(soft_nms(c, 0.5f, 0.0f).scores, (std::vector<float>{0.5f}));
}

/// The definition: members listed, every mean taken anew.
struct Members {
  std::int64_t group;
  std::vector<std::size_t> rows;
};

Box weighted_mean(const Case& c, const std::vector<std::size_t>& rows) {
  double sum[4] = {}, weight = 0;
  for (const auto i : rows) {
    const Box& b = c.boxes[i];
    const double corners[] = {b.x1, b.y1, b.x2, b.y2};
    for (int k = 0; k < 4; ++k) sum[k] += c.scores[i] * corners[k];
    weight += c.scores[i];
  }
  return {static_cast<float>(sum[0] / weight), static_cast<float>(sum[1] / weight),
          static_cast<float>(sum[2] / weight), static_cast<float>(sum[3] / weight)};
}

std::vector<Members> members_by_definition(const Case& c, float threshold) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < c.boxes.size(); ++i) {
    if (c.scores[i] > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return c.scores[a] > c.scores[b]; });
  std::vector<Members> fused;
  for (const auto i : order) {
    Members* home = nullptr;
    float highest = threshold;
    for (auto& f : fused) {
      const float overlap =
          f.group == c.groups[i] ? iou(weighted_mean(c, f.rows), c.boxes[i]) : 0.0f;
      if (overlap > highest) home = &f, highest = overlap;
    }
    if (home) {
      home->rows.push_back(i);
    } else {
      fused.push_back({c.groups[i], {i}});
    }
  }
  return fused;
}

TEST(WeightedBoxFusion, GivesWhatItsDefinitionGives) {
  for (const int n : {0, 1, 2, 63, 64, 65, 300}) {
    for (const float threshold : {0.3f, 0.55f, 0.8f}) {
      const auto c = random_case(n, static_cast<unsigned>(n) + 1000);
      const auto got = weighted_box_fusion(c, threshold);
      const auto expected = members_by_definition(c, threshold);
      ASSERT_EQ(got.size(), expected.size()) << "n=" << n << " threshold=" << threshold;
      for (const auto& e : expected) {
        double sum = 0;
        for (const auto i : e.rows) sum += c.scores[i];
        const FusedBox like{weighted_mean(c, e.rows),
                            static_cast<float>(sum / static_cast<double>(e.rows.size())),
                            c.scores[e.rows[0]], e.group, static_cast<std::int64_t>(e.rows.size())};
        const auto found = std::count_if(got.begin(), got.end(), [&](const FusedBox& f) {
          return f.box == like.box && f.score == like.score && f.best_score == like.best_score &&
                 f.group == like.group && f.members == like.members;
        });
        EXPECT_GE(found, 1) << "n=" << n << " threshold=" << threshold;
      }
      EXPECT_TRUE(std::is_sorted(got.begin(), got.end(),
                                 [](auto& a, auto& b) { return a.score > b.score; }));
    }
  }
}

TEST(WeightedBoxFusion, TheBetterBoxPullsMore) {
  const Case c{{{0, 0, 10, 10}, {4, 0, 14, 10}, {0, 0, 10, 10}}, {0.75f, 0.25f, 0.5f}, {0, 0, 1}};
  const auto fused = weighted_box_fusion(c, 0.4f);
  ASSERT_EQ(fused.size(), 2u);
  EXPECT_EQ(fused[0].box, (Box{1, 0, 11, 10}));
  EXPECT_EQ(fused[0].score, 0.5f);
  EXPECT_EQ(fused[0].best_score, 0.75f);
  EXPECT_EQ(fused[0].members, 2);
  EXPECT_EQ(fused[1].group, 1);
  EXPECT_EQ(weighted_box_fusion(c, 0.5f).size(), 3u);
}

TEST(WeightedBoxFusion, ScoresThatAreNotAboveZeroTakeNoPart) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Case c{{{0, 0, 4, 4}, {0, 0, 4, 4}, {0, 0, 4, 4}}, {nan, 0.0f, 0.5f}, {0, 0, 0}};
  const auto fused = weighted_box_fusion(c, 0.5f);
  ASSERT_EQ(fused.size(), 1u);
  EXPECT_EQ(fused[0].members, 1);
  EXPECT_EQ(fused[0].box, (Box{0, 0, 4, 4}));
}

TEST(MergeBoxes, RefuseListsOfUnequalLength) {
  const Case c{{{0, 0, 1, 1}}, {0.5f, 0.5f}, {0}};
  EXPECT_THROW(soft_nms(c, 0.5f, 0.0f), std::invalid_argument);
  EXPECT_THROW(weighted_box_fusion(c, 0.5f), std::invalid_argument);
}

}  // namespace
}  // namespace preannotate
