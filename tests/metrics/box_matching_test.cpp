#include <gtest/gtest.h>

#include "preannotate/metrics/detection.h"

namespace preannotate {
namespace {

TEST(MatchBoxes, GivesADraftForEveryDraftInOrder) {
  const DetectionImage two{{}, {{{0, 0, 4, 4}, 0, 0.1}, {{0, 0, 4, 4}, 1, 0.9}}};
  const auto matches = match_boxes({two, {}, two}, 0.5);
  ASSERT_EQ(matches.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(matches[i].image, i < 2 ? 0 : 2);
    EXPECT_EQ(matches[i].draft, static_cast<int>(i % 2));
    EXPECT_EQ(matches[i].truth, -1);
    EXPECT_EQ(matches[i].iou, 0);
  }
}

TEST(MatchBoxes, TheBestScoreChoosesFirst) {
  const DetectionImage image{{{{0, 0, 10, 10}, 0}},
                             {{{0, 0, 10, 10}, 0, 0.3}, {{0, 0, 10, 8}, 0, 0.6}}};
  const auto matches = match_boxes({image}, 0.5);
  EXPECT_EQ(matches[1].truth, 0);
  EXPECT_EQ(matches[1].iou, 0.8);
  EXPECT_EQ(matches[0].truth, -1);
  EXPECT_EQ(matches[0].iou, 1) << "the overlap that it lost to a better score";
}

TEST(MatchBoxes, ADraftTakesTheFreeObjectOfLargestIou) {
  const DetectionImage image{{{{0, 0, 10, 8}, 0}, {{0, 0, 10, 9}, 0}, {{0, 0, 10, 5}, 0}},
                             {{{0, 0, 10, 10}, 0, 0.9}, {{0, 0, 10, 10}, 0, 0.8}}};
  const auto matches = match_boxes({image}, 0.5);
  EXPECT_EQ(matches[0].truth, 1);
  EXPECT_EQ(matches[1].truth, 0);
}

TEST(MatchBoxes, OnlyWithinTheirCategory) {
  const DetectionImage image{{{{0, 0, 10, 10}, 1}}, {{{0, 0, 10, 10}, 0, 0.9}}};
  const auto matches = match_boxes({image}, 0.5);
  EXPECT_EQ(matches[0].truth, -1);
  EXPECT_EQ(matches[0].iou, 0);
}

TEST(MatchBoxes, DraftsOnACrowdAreIgnoredAndFindNothing) {
  const DetectionImage image{
      {{{0, 0, 100, 100}, 0, true}, {{0, 0, 10, 10}, 0}},
      {{{0, 0, 10, 10}, 0, 0.9}, {{50, 50, 60, 60}, 0, 0.8}, {{90, 90, 130, 130}, 0, 0.7}}};
  const auto matches = match_boxes({image}, 0.5);
  EXPECT_EQ(matches[0].truth, 1);
  EXPECT_FALSE(matches[0].ignored);
  EXPECT_EQ(matches[1].truth, -1);
  EXPECT_TRUE(matches[1].ignored);
  EXPECT_FALSE(matches[2].ignored) << "a sixteenth of it is on the crowd";
}

TEST(MatchBoxes, MoreThanAHundredDraftsAreAllMatched) {
  DetectionImage image;
  for (int i = 0; i < 150; ++i) {
    const auto x = static_cast<float>(20 * i);
    image.truth.push_back({{x, 0, x + 10, 10}, 0});
    image.drafts.push_back({{x, 0, x + 10, 10}, 0, 0.5});
  }
  for (const auto& match : match_boxes({image}, 0.5)) EXPECT_EQ(match.truth, match.draft);
}

}  // namespace
}  // namespace preannotate
