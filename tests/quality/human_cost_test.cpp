#include "preannotate/quality/human_cost.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "preannotate/core/json.h"
#include "preannotate/core/random.h"

namespace preannotate {
namespace {

const Box kObject{0, 0, 10, 10}, kElsewhere{100, 100, 110, 110};
const BoxCost kCost;

CorrectionEffort effort_of(const DetectionImage& image, const BoxCost& cost = {}) {
  return correction_effort({image}, {0, 0, 0}, cost);
}

/// right, badly placed, swapped, false, missed
std::vector<long> counts(const CorrectionEffort& effort) {
  return {effort.right, effort.badly_placed, effort.swapped, effort.false_boxes, effort.missed};
}
using Counts = std::vector<long>;

/// Truth and drafts of 3 categories in rows of places that do not touch; drafts at several IoUs.
std::vector<DetectionImage> random_images(size_t n, std::uint64_t levels, Random& random) {
  std::vector<DetectionImage> images(n);
  for (auto& image : images) {
    for (int i = 0; i < 6; ++i) {
      const auto x = static_cast<float>(20 * i);
      const int category = static_cast<int>(random.below(3));
      if (random.below(4)) image.truth.push_back({{x, 0, x + 10, 10}, category, i == 5});
      for (std::uint64_t k = random.below(3); k-- > 0;) {
        const auto height = static_cast<float>(3 + random.below(8));
        const double score = static_cast<double>(random.below(levels) + 1) / levels;
        image.drafts.push_back({{x, 0, x + 10, height},
                                random.below(4) ? category : static_cast<int>(random.below(3)),
                                score * static_cast<double>(height) / 10});
      }
    }
  }
  return images;
}

/// All thresholds that can make a difference, and 1.
std::set<double> candidates(const std::vector<DetectionImage>& images) {
  std::set<double> scores{1};
  for (const auto& image : images) {
    for (const auto& draft : image.drafts) scores.insert(draft.score);
  }
  return scores;
}

TEST(BoxCost, IsTheCentralColumnOfTheCostFile) {
  const auto seconds = read_json(PREANNOTATE_COST_FILE)["seconds"];
  const std::vector<std::pair<const char*, double>> defaults{
      {"draw", kCost.draw},     {"verify", kCost.verify},   {"adjust", kCost.adjust},
      {"remove", kCost.remove}, {"reclass", kCost.reclass}, {"scan", kCost.scan},
      {"load", kCost.load}};
  constexpr size_t kOnClasses = 6;  // actions of class_actions_test.cpp
  EXPECT_EQ(seconds.size(), defaults.size() + kOnClasses);
  for (const auto& [action, value] : defaults) {
    const auto& row = seconds.at(action);
    EXPECT_EQ(row.at("central").get<double>(), value) << action;
    EXPECT_LT(row.at("optimistic").get<double>(), value) << action;
    EXPECT_GT(row.at("pessimistic").get<double>(), value) << action;
  }
}

TEST(CorrectionEffort, OfTheCategoriesAddsUpToThatOfAll) {
  Random random(11);
  for (int round = 0; round < 50; ++round) {
    const auto images = random_images(5, 10, random);
    const std::vector<double> thresholds{0.2, 0.5, 0.4};
    const auto whole = correction_effort(images, thresholds, {});
    CorrectionEffort sum;
    for (const auto& part : correction_effort_by_category(images, thresholds)) {
      EXPECT_EQ(part.images, whole.images);
      EXPECT_EQ(part.objects, part.right + part.badly_placed + part.swapped + part.missed);
      for (const auto count :
           {&CorrectionEffort::objects, &CorrectionEffort::shown, &CorrectionEffort::right,
            &CorrectionEffort::badly_placed, &CorrectionEffort::swapped,
            &CorrectionEffort::false_boxes, &CorrectionEffort::missed}) {
        sum.*count += part.*count;
      }
    }
    EXPECT_EQ(counts(sum), counts(whole));
    EXPECT_EQ(sum.objects, whole.objects);
    EXPECT_EQ(sum.shown, whole.shown);
  }
}

TEST(CorrectionEffort, OfOneImageWithEverythingInIt) {
  const DetectionImage image{
      {{{0, 0, 10, 10}, 0}, {{20, 0, 30, 10}, 0}, {{40, 0, 50, 10}, 1}, {{60, 0, 70, 10}, 2}},
      {{{0, 0, 10, 8}, 0, 0.9},      // right
       {{20, 0, 30, 6}, 0, 0.8},     // badly placed
       {{40, 0, 50, 9}, 2, 0.7},     // swapped
       {{60, 0, 70, 3}, 2, 0.6},     // false: IoU 0.3
       {{80, 0, 90, 10}, 1, 0.5}}};  // false: nothing there
  const auto effort = effort_of(image);
  EXPECT_EQ(counts(effort), (Counts{1, 1, 1, 2, 1}));
  EXPECT_EQ(effort.images, 1);
  EXPECT_EQ(effort.objects, 4);
  EXPECT_EQ(effort.shown, 5);
  EXPECT_NEAR(effort.seconds, 0.5 + 3.0 + 5 * 1.75 + 4.5 + 2.5 + 2 * 1.5 + (7.4 + 2.5), 1e-12);
  EXPECT_NEAR(effort.seconds_manual, 0.5 + 3.0 + 4 * (7.4 + 2.5), 1e-12);
}

TEST(CorrectionEffort, UsesTheGivenCosts) {
  const BoxCost cost{.draw = 1e6,
                     .verify = 1e5,
                     .adjust = 1e4,
                     .remove = 1e3,
                     .reclass = 100,
                     .scan = 10,
                     .load = 1};
  EXPECT_EQ(effort_of({{{kObject, 0}}, {}}, cost).seconds, 1000111);
  EXPECT_EQ(effort_of({{{kObject, 0}}, {{kObject, 0, 0.5}}}, cost).seconds, 100011);
  EXPECT_EQ(effort_of({{{kObject, 0}}, {{{0, 0, 10, 6}, 0, 0.5}}}, cost).seconds, 110011);
  EXPECT_EQ(effort_of({{{kObject, 0}}, {{kObject, 1, 0.5}}}, cost).seconds, 100111);
  EXPECT_EQ(effort_of({{}, {{kObject, 1, 0.5}}}, cost).seconds, 101011);
  EXPECT_EQ(effort_of({}, cost).seconds, 11);
}

TEST(CorrectionEffort, TheIousOnTheBordersCountAsReached) {
  EXPECT_EQ(counts(effort_of({{{kObject, 0}}, {{{0, 0, 10, 7}, 0, 0.5}}})),
            (Counts{1, 0, 0, 0, 0}));
  EXPECT_EQ(counts(effort_of({{{kObject, 0}}, {{{0, 0, 10, 5}, 0, 0.5}}})),
            (Counts{0, 1, 0, 0, 0}));
  EXPECT_EQ(counts(effort_of({{{kObject, 0}}, {{{0, 0, 10, 6}, 1, 0.5}}})), (Counts{0, 0, 0, 1, 1}))
      << "another class is only swapped where it is well placed";
}

TEST(CorrectionEffort, AnObjectIsTakenOnceByTheBestScore) {
  EXPECT_EQ(counts(effort_of({{{kObject, 0}}, {{kObject, 0, 0.5}, {kObject, 0, 0.6}}})),
            (Counts{1, 0, 0, 1, 0}));
}

TEST(CorrectionEffort, ADraftTakesTheObjectOfLargestIou) {
  EXPECT_EQ(counts(effort_of({{{{0, 0, 10, 8}, 0}, {kObject, 0}},
                              {{kObject, 0, 0.9}, {{0, 0, 10, 6.5f}, 0, 0.8}}})),
            (Counts{2, 0, 0, 0, 0}));
}

TEST(CorrectionEffort, RightComesBeforeBadlyPlacedBeforeSwappedWhateverTheScores) {
  EXPECT_EQ(counts(effort_of(
                {{{kObject, 0}}, {{kObject, 1, 0.9}, {{0, 0, 10, 6}, 0, 0.8}, {kObject, 0, 0.1}}})),
            (Counts{1, 0, 0, 2, 0}));
  EXPECT_EQ(counts(effort_of({{{kObject, 0}}, {{kObject, 1, 0.9}, {{0, 0, 10, 6}, 0, 0.8}}})),
            (Counts{0, 1, 0, 1, 0}));
}

TEST(CorrectionEffort, CrowdsAndDraftsOnThemCostNothing) {
  const DetectionImage image{{{{0, 0, 100, 100}, 0, true}, {{200, 0, 210, 10}, 0}},
                             {{{0, 0, 10, 10}, 0, 0.9},        // on the crowd
                              {{200, 0, 210, 10}, 0, 0.8},     // right
                              {{10, 10, 20, 20}, 1, 0.7},      // another class: false
                              {{90, 90, 110, 110}, 0, 0.6}}};  // a quarter on the crowd: false
  const auto effort = effort_of(image);
  EXPECT_EQ(counts(effort), (Counts{1, 0, 0, 2, 0}));
  EXPECT_EQ(effort.objects, 1);
  EXPECT_EQ(effort.shown, 3);
}

TEST(CorrectionEffort, OnlyDraftsFromTheThresholdOfTheirCategoryAreShown) {
  const DetectionImage image{{{kObject, 0}}, {{kObject, 0, 0.5}, {kElsewhere, 1, 0.5}}};
  EXPECT_EQ(counts(correction_effort({image}, {0.5, 0.51}, kCost)), (Counts{1, 0, 0, 0, 0}));
  EXPECT_EQ(counts(correction_effort({image}, {0.51, 0.5}, kCost)), (Counts{0, 0, 0, 1, 1}));
}

TEST(CorrectionEffort, ShowingNothingCostsWhatDrawingEverythingDoes) {
  Random random(1);
  const auto effort = correction_effort(random_images(10, 10, random), {2, 2, 2}, kCost);
  EXPECT_EQ(effort.shown, 0);
  EXPECT_EQ(effort.images, 10);
  EXPECT_EQ(effort.seconds, effort.seconds_manual);
}

TEST(EffortCurve, IsTheEffortAtRisingThresholds) {
  Random random(2);
  const auto images = random_images(10, 1000, random);
  const auto curve = effort_curve(images, 3, kCost, 50);
  ASSERT_EQ(curve.size(), 50u);
  for (size_t i = 0; i < curve.size(); ++i) {
    EXPECT_DOUBLE_EQ(curve[i].threshold, 0.02 * static_cast<double>(i + 1));
    const std::vector<double> thresholds(3, curve[i].threshold);
    EXPECT_EQ(curve[i].effort.seconds, correction_effort(images, thresholds, kCost).seconds);
  }
}

/// Where moving the thresholds by `move` is cheapest, the highest of equals, and from there as far
/// either way as one false box more would go: the middle. Tries every threshold of `set`.
template <class Move>
double middle_by_definition(const std::vector<DetectionImage>& images, const std::set<double>& set,
                            Move move) {
  std::vector<double> rising(set.begin(), set.end()), seconds;
  for (const double t : rising)
    seconds.push_back(correction_effort(images, move(t), kCost).seconds);
  size_t best = 0;
  for (size_t i = 0; i < rising.size(); ++i) {
    if (seconds[i] <= seconds[best]) best = i;
  }
  if (rising[best] == 1) return 1;
  const double most = seconds[best] + kCost.verify + kCost.remove;
  size_t low = best, high = best;
  while (low > 0 && seconds[low - 1] <= most) --low;
  while (rising[high + 1] < 1 && seconds[high + 1] <= most) ++high;
  return (rising[high] + (low > 0 ? rising[low - 1] : rising[low])) / 2;
}

TEST(CheapestThreshold, IsThatOfAnExhaustiveSearch) {
  Random random(3);
  for (const std::uint64_t levels : {2, 10, 100000}) {
    for (int repeat = 0; repeat < 20; ++repeat) {
      const auto images = random_images(1 + random.below(8), levels, random);
      const double expected = middle_by_definition(images, candidates(images), [](double t) {
        return std::vector<double>{t, t, t};
      });
      EXPECT_EQ(cheapest_threshold(images, 3, kCost), expected);
    }
  }
}

TEST(CheapestThreshold, CostsAtMostOneFalseBoxMoreThanTheBest) {
  Random random(5);
  for (int repeat = 0; repeat < 40; ++repeat) {
    const auto images = random_images(6, 100000, random);
    double least = 1e9;
    for (const double t : candidates(images)) {
      least = std::min(least, correction_effort(images, {t, t, t}, kCost).seconds);
    }
    const double t = cheapest_threshold(images, 3, kCost);
    EXPECT_LE(correction_effort(images, {t, t, t}, kCost).seconds,
              least + kCost.verify + kCost.remove + 1e-9);
  }
}

TEST(CheapestThreshold, IsOneWhereNoDraftHelps) {
  EXPECT_EQ(cheapest_threshold({}, 1, kCost), 1);
  EXPECT_EQ(cheapest_threshold({{{{kObject, 0}}, {{kElsewhere, 0, 0.9}}}}, 1, kCost), 1);
}

TEST(CorrectionEffort, LeavesOutshoneDraftsAside) {
  // Shown, the box of the other class would be a false one that costs more than it saves.
  const DraftBox right{kObject, 0, 0.9}, other{kObject, 1, 0.8, /*outshone=*/true};
  const auto effort = effort_of({{{kObject, 0}}, {right, other}});
  EXPECT_EQ(effort.shown, 1);
  EXPECT_EQ(counts(effort), (Counts{1, 0, 0, 0, 0}));
}

/// The middle among the scores of the drafts of one category.
double middle_of_category(const std::vector<DetectionImage>& images, int category,
                          const std::vector<double>& others) {
  std::set<double> scores{1};
  for (const auto& image : images) {
    for (const auto& draft : image.drafts) {
      if (draft.category == category) scores.insert(draft.score);
    }
  }
  return middle_by_definition(images, scores, [&](double t) {
    auto moved = others;
    moved[static_cast<size_t>(category)] = t;
    return moved;
  });
}

TEST(CheapestThresholds, AreEachTheBestGivenTheOthers) {
  Random random(4);
  for (int repeat = 0; repeat < 20; ++repeat) {
    const auto images = random_images(8, repeat % 2 ? 5 : 100000, random);
    std::vector<double> expected(3, cheapest_threshold(images, 3, kCost));
    for (size_t c = 0; c < 3; ++c) {
      expected[c] = middle_of_category(images, static_cast<int>(c), expected);
    }
    EXPECT_EQ(cheapest_thresholds(images, 3, kCost, 0), expected);
  }
}

TEST(CheapestThresholds, KeepTheCommonOneForACategoryOfFewObjects) {
  // Category 0 is best drafted at 0.9 and up, category 1 (5 objects) at 0.2.
  std::vector<DetectionImage> images;
  for (int i = 0; i < 40; ++i) {
    const bool right = i < 20;
    images.push_back({{{kObject, 0}}, {{right ? kObject : kElsewhere, 0, right ? 0.9 : 0.8}}});
  }
  for (int i = 0; i < 5; ++i) images.push_back({{{kObject, 1}}, {{kObject, 1, 0.2}}});
  EXPECT_DOUBLE_EQ(cheapest_threshold(images, 2, kCost), 0.85);
  const double common = cheapest_threshold(images, 2, kCost);
  EXPECT_EQ(cheapest_thresholds(images, 2, kCost, 6), (std::vector<double>{common, common}));
  EXPECT_EQ(cheapest_thresholds(images, 2, kCost, 5), (std::vector<double>{common, 0.2}));
}

}  // namespace
}  // namespace preannotate
