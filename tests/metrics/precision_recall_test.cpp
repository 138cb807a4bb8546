#include <gtest/gtest.h>

#include <set>

#include "preannotate/core/random.h"
#include "preannotate/metrics/detection.h"

namespace preannotate {
namespace {

using Values = std::vector<double>;

/// Boxes in a row that do not touch: a draft is right where truth and draft are at the same place.
Box place(int i) {
  const auto x = static_cast<float>(20 * i);
  return {x, 0, x + 10, 10};
}

TEST(PrecisionRecall, HasOneEntryForEachDistinctScore) {
  const DetectionImage image{
      {{place(0), 0}, {place(1), 0}, {place(2), 0}, {place(3), 0}},
      {{place(0), 0, 0.5}, {place(7), 0, 0.5}, {place(1), 0, 0.9}, {place(2), 0, 0.2}}};
  const auto curve = precision_recall({image}, 0, 0.5);
  EXPECT_EQ(curve.score, (Values{0.9, 0.5, 0.2}));
  EXPECT_EQ(curve.precision, (Values{1, 2.0 / 3, 0.75}));
  EXPECT_EQ(curve.recall, (Values{0.25, 0.5, 0.75}));
}

TEST(PrecisionRecall, LeavesCrowdsAndDraftsOnThemOut) {
  const DetectionImage image{{{{0, 50, 100, 150}, 0, true}, {place(0), 0}},
                             {{{0, 50, 10, 60}, 0, 0.9}, {place(0), 0, 0.8}}};
  const auto curve = precision_recall({image}, 0, 0.5);
  EXPECT_EQ(curve.score, Values{0.8});
  EXPECT_EQ(curve.precision, Values{1});
  EXPECT_EQ(curve.recall, Values{1});
}

TEST(PrecisionRecall, IsEmptyWithoutATruthBoxOfTheCategory) {
  const DetectionImage image{{{place(0), 1}, {place(0), 0, true}}, {{place(0), 0, 0.9}}};
  EXPECT_TRUE(precision_recall({image}, 0, 0.5).score.empty());
  EXPECT_TRUE(precision_recall({}, 0, 0.5).score.empty());
}

TEST(PrecisionRecall, IsTheDefinitionAtEveryThreshold) {
  Random random(3);
  std::vector<DetectionImage> images(20);
  for (auto& image : images) {
    for (int i = 0; i < 8; ++i) {
      const int category = static_cast<int>(random.below(2));
      if (random.below(2)) image.truth.push_back({place(i), category});
      if (random.below(3)) {
        image.drafts.push_back({place(i), category, static_cast<double>(random.below(10)) / 10});
      }
    }
  }
  std::set<double, std::greater<>> scores;
  double objects = 0;
  for (const auto& image : images) {
    for (const auto& draft : image.drafts) {
      if (draft.category == 1) scores.insert(draft.score);
    }
    for (const auto& truth : image.truth) objects += truth.category == 1;
  }
  const auto curve = precision_recall(images, 1, 0.5);
  ASSERT_EQ(curve.score, Values(scores.begin(), scores.end()));
  for (size_t i = 0; i < curve.score.size(); ++i) {
    double taken = 0, right = 0;
    for (const auto& image : images) {
      for (const auto& draft : image.drafts) {
        if (draft.category != 1 || draft.score < curve.score[i]) continue;
        ++taken;
        for (const auto& truth : image.truth) {
          right += truth.category == 1 && truth.box == draft.box;
        }
      }
    }
    EXPECT_DOUBLE_EQ(curve.precision[i], right / taken);
    EXPECT_DOUBLE_EQ(curve.recall[i], right / objects);
  }
}

}  // namespace
}  // namespace preannotate
