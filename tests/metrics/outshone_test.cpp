#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/metrics/detection.h"

namespace preannotate {
namespace {

using testing::ElementsAre;

const Box kHere{0, 0, 10, 10}, kNearby{0, 0, 10, 9}, kHalf{0, 0, 10, 5.8f},
    kElsewhere{50, 0, 60, 10};

std::vector<bool> outshone(std::vector<DraftBox> drafts, double iou = 0.6) {
  mark_outshone(drafts, iou);
  std::vector<bool> marks;
  for (const auto& draft : drafts) marks.push_back(draft.outshone);
  return marks;
}

TEST(MarkOutshone, ABetterBoxOfAnotherClassOutshines) {
  EXPECT_THAT(outshone({{kHere, 0, 0.9}, {kNearby, 1, 0.8}}), ElementsAre(false, true));
  EXPECT_THAT(outshone({{kHere, 0, 0.7}, {kNearby, 1, 0.8}}), ElementsAre(true, false));
}

TEST(MarkOutshone, OneOfTheSameClassOrFurtherAwayDoesNot) {
  EXPECT_THAT(outshone({{kHere, 0, 0.9}, {kNearby, 0, 0.8}}), ElementsAre(false, false));
  EXPECT_THAT(outshone({{kHere, 0, 0.9}, {kElsewhere, 1, 0.8}}), ElementsAre(false, false));
  EXPECT_THAT(outshone({{kHere, 0, 0.9}, {kHalf, 1, 0.8}}), ElementsAre(false, false));
  EXPECT_THAT(outshone({{kHere, 0, 0.9}, {kHalf, 1, 0.8}}, 0.5), ElementsAre(false, true));
}

TEST(MarkOutshone, WhatIsOutshoneOutshinesNothing) {
  // kHalf overlaps kNearby by 0.64, kHere by 0.58 only.
  EXPECT_THAT(outshone({{kHere, 0, 0.9}, {kNearby, 1, 0.8}, {kHalf, 2, 0.7}}),
              ElementsAre(false, true, false));
}

TEST(MarkOutshone, OfEqualScoresTheFirstIsTheBetter) {
  EXPECT_THAT(outshone({{kHere, 1, 0.5}, {kHere, 0, 0.5}}), ElementsAre(false, true));
}

TEST(MarkOutshone, OldMarksAreReplaced) {
  EXPECT_THAT(outshone({{kHere, 0, 0.5, true}}), ElementsAre(false));
  EXPECT_THAT(outshone({}), ElementsAre());
}

}  // namespace
}  // namespace preannotate
