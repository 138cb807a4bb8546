#include "preannotate/quality/box_issues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace preannotate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kCat = 0, kDog = 1;

/// Four images: a cat found, with sure drafts of a cat and a dog where nothing is labelled; a cat
/// whose label is off and a dog labelled where a sure cat is; two labels at one place; nothing.
std::vector<DetectionImage> scene() {
  std::vector<DetectionImage> images(4);
  images[0].truth = {{{10, 10, 50, 50}, kCat}};
  images[0].drafts = {
      {{12, 10, 50, 50}, kCat, .97}, {{60, 10, 80, 30}, kCat, .96}, {{70, 70, 90, 90}, kDog, .98}};
  images[1].truth = {{{10, 10, 50, 50}, kCat}, {{60, 60, 100, 100}, kDog}};
  images[1].drafts = {{{30, 10, 70, 50}, kCat, .7}, {{60, 60, 100, 98}, kCat, .99}};
  images[2].truth = {{{20, 20, 40, 40}, kCat}, {{20, 20, 40, 40}, kDog}};
  images[2].drafts = {{{20, 20, 40, 40}, kCat, .9}};
  return images;
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-7) << i;
}

// Expected values: cleanlab 2.9.0, object_detection.rank (compute_overlooked_box_scores,
// compute_badloc_box_scores, compute_swap_box_scores, get_label_quality_scores) on the same boxes;
// 1 where its overlooked score is NaN.
TEST(BoxIssues, ScoresAreCleanlabs) {
  const auto scores = box_issue_scores(scene());
  ASSERT_EQ(scores.size(), 4u);
  expect_near(scores[0].overlooked, {1, 0.001619414332, 1.698651409e-06});
  expect_near(scores[0].badly_located, {0.9454837418});
  expect_near(scores[0].swapped, {0.9999150674});
  expect_near(scores[1].overlooked, {1, 1});
  expect_near(scores[1].badly_located, {0.3135335283, 1});
  expect_near(scores[1].swapped, {1, 0.0545162582});
  expect_near(scores[2].badly_located, {1, 1});
  expect_near(scores[2].swapped, {8.493257047e-05, 8.493257047e-05});
  EXPECT_NEAR(scores[0].image, 0.0912627642, 1e-7);
  EXPECT_NEAR(scores[1].image, 0.257907118, 1e-7);
  EXPECT_NEAR(scores[2].image, 0.04395666713, 1e-7);
  EXPECT_EQ(scores[3].image, 1);
}

TEST(BoxIssues, SayWhichDraftTheyComeFrom) {
  const auto scores = box_issue_scores(scene());
  EXPECT_THAT(scores[1].located_by, ElementsAre(0, -1));
  EXPECT_THAT(scores[1].swapped_by, ElementsAre(-1, 1));
  EXPECT_THAT(scores[2].swapped_by, ElementsAre(-1, -1));
}

TEST(BoxIssues, ADraftAtTheThresholdTellsOfOverlookedObjectsButNotOfSwappedOnes) {
  std::vector<DetectionImage> images(1);
  images[0].truth = {{{0, 0, 10, 10}, kCat}};
  images[0].drafts = {{{0, 0, 10, 10}, kDog, .95}, {{50, 50, 60, 60}, kCat, .95}};
  const auto scores = box_issue_scores(images);
  EXPECT_LT(scores[0].overlooked[1], 0.01);
  EXPECT_EQ(scores[0].swapped[0], 1);
}

TEST(BoxIssues, ADraftOnACrowdIsNotOverlookedAndACrowdIsNoLabel) {
  std::vector<DetectionImage> images(1);
  images[0].truth = {{{0, 0, 40, 40}, kCat, true}, {{60, 60, 70, 70}, kCat}};
  images[0].drafts = {{{5, 5, 15, 15}, kDog, .99}, {{60, 60, 70, 70}, kCat, .99}};
  const auto scores = box_issue_scores(images);
  EXPECT_THAT(scores[0].overlooked, testing::Each(1));
  EXPECT_EQ(scores[0].swapped[0], 1);
  EXPECT_EQ(scores[0].badly_located[0], 1);
  EXPECT_NEAR(scores[0].image, 1, 1e-4);
}

TEST(BoxIssues, ImagesWithoutLabelsOrDraftsAreNoIssues) {
  EXPECT_THAT(box_issue_scores({}), IsEmpty());
  std::vector<DetectionImage> images(2);
  images[0].truth = {{{0, 0, 10, 10}, kCat}};
  const auto scores = box_issue_scores(images);
  EXPECT_EQ(scores[0].image, 1);
  EXPECT_EQ(scores[1].image, 1);
}

TEST(BoxIssues, AnObjectInAnImageWithoutLabelsIsTheMostSuspect) {
  auto images = scene();
  images[3].drafts = {{{0, 0, 10, 10}, kCat, .96}};
  const auto scores = box_issue_scores(images);
  EXPECT_LT(scores[3].overlooked[0], 1e-5);
  EXPECT_LT(scores[3].image, scores[2].image);
}

TEST(BoxIssues, ASureDraftScoresAsHalfOfTheRightOnesDo) {
  std::vector<DetectionImage> images(3);
  for (size_t i = 0; i < 3; ++i) {
    images[i].truth = {{{0, 0, 10, 10}, kCat}, {{50, 50, 60, 60}, kDog}};
    images[i].drafts = {{{0, 0, 10, 10}, kCat, .4 + .2 * static_cast<double>(i)},
                        {{80, 80, 90, 90}, kCat, .9},  // not right
                        {{50, 50, 60, 60}, kDog, .99}};
  }
  EXPECT_THAT(sure_scores(images, 3), ElementsAre(testing::DoubleEq(.6), .95, .95));

  BoxIssueOptions options;
  options.sure_of_class = {.6, .95};
  EXPECT_LT(box_issue_scores(images, options)[0].overlooked[1], 0.1);
  EXPECT_EQ(box_issue_scores(images)[0].overlooked[1], 1);
}

}  // namespace
}  // namespace preannotate
