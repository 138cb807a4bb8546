#include "pipeline/acceptance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/box_acceptance.h"
#include "preannotate/core/random.h"

namespace preannotate {
namespace {

using testing::HasSubstr;

/// Images of two classes whose scores are calibrated: of those with score s, s are right.
Judged two_classes(int images, double spread) {
  Random random(5);
  Judged judged;
  for (int i = 0; i < images; ++i) {
    const double score = 1 - spread * random.uniform();
    const int drafted = i % 2, truth = random.uniform() < score ? drafted : 1 - drafted;
    judged.images.push_back(std::to_string(i) + ".jpg");
    judged.scores.push_back(drafted == 0 ? std::vector{score, 1 - score}
                                         : std::vector{1 - score, score});
    judged.labels.push_back({truth});
  }
  return judged;
}

TEST(ClassAcceptance, CountsEachImageOnceUnderItsDraftedClass) {
  auto judged = two_classes(200, 0.5);
  judged.scores[7].clear();  // in no fold: no draft
  const auto acceptance = class_acceptance(judged, "classify", 2, 0.9, 0);
  EXPECT_EQ(acceptance.items, 199);
  EXPECT_EQ(acceptance.categories[0].support, 100);
  EXPECT_EQ(acceptance.categories[1].support, 99);
  EXPECT_GT(acceptance.accepted, 30);
  EXPECT_LT(acceptance.accepted, 199);
}

TEST(ClassAcceptance, OfSeveralLabelsOneScoreJudgesTheWholeImage) {
  Random random(9);
  Judged judged;
  for (int i = 0; i < 200; ++i) {
    const double sure = 0.5 + 0.5 * random.uniform();
    judged.scores.push_back({0.999, sure, 0.001});
    const bool right = random.uniform() < sure;
    judged.labels.push_back(right ? std::vector{0, 1} : std::vector{0});
  }
  const auto acceptance = class_acceptance(judged, "multilabel", 3, 0.9, 0);
  ASSERT_EQ(acceptance.scores.size(), 3u);
  ASSERT_TRUE(acceptance.scores[0]);
  EXPECT_EQ(acceptance.scores[0], acceptance.scores[1]);
  EXPECT_EQ(acceptance.scores[0], acceptance.scores[2]);
  EXPECT_GT(*acceptance.scores[0], 0.7);
  EXPECT_GT(acceptance.accepted, 20);
  EXPECT_LT(acceptance.accepted, 120);
}

TEST(ReviewTime, IsTheCostModel) {
  Judged judged{{}, {{0.9, 0.1}, {0.8, 0.2}, {0.3, 0.7}}, {{0}, {1}, {1}}};
  Acceptance acceptance;
  acceptance.taken = {true, false, false};
  const auto time = class_review_time(judged, "classify", 2, acceptance);
  EXPECT_EQ(time.images, 3);
  EXPECT_EQ(time.unseen, 1);
  EXPECT_DOUBLE_EQ(time.by_hand, 3 * (1.5 + 0.45));
  EXPECT_DOUBLE_EQ(time.review_all, 3 * 1.5 + 3.0);
  EXPECT_DOUBLE_EQ(time.review_rest, 2 * 1.5 + 3.0);
}

TEST(ReviewTime, OfSeveralLabelsCountsTheWrongOnes) {
  const Judged judged{{}, {{0.9, 0.8, 0.1, 0.1}}, {{0, 2}}};
  Acceptance acceptance;
  acceptance.taken = {false};
  const auto time = class_review_time(judged, "multilabel", 4, acceptance);
  EXPECT_DOUBLE_EQ(time.by_hand, 2 * (1.5 + 0.45 * 2));
  EXPECT_DOUBLE_EQ(time.review_rest, 1.5 + 2 * 3.0);
}

TEST(AcceptanceJson, SaysWhatIsPromised) {
  const auto judged = two_classes(300, 0.5);
  const auto acceptance = class_acceptance(judged, "classify", 2, 0.9, 0);
  const auto json = acceptance_json(acceptance, 0.9, {"cat", "dog"}, "images",
                                    class_review_time(judged, "classify", 2, acceptance));
  EXPECT_EQ(json["target_precision"], 0.9);
  EXPECT_EQ(json["per_class"]["dog"], *acceptance.scores[1]);
  EXPECT_EQ(json["items"], 300);
  EXPECT_DOUBLE_EQ(json["coverage"].get<double>(), static_cast<double>(acceptance.accepted) / 300);
  EXPECT_LT(json["precision"]["low"], json["precision"]["value"]);
  EXPECT_EQ(json["needed"], 29);  // 0.9^29 < 0.05 < 0.9^28
  EXPECT_LT(json["minutes_per_1000"]["review_rest"], json["minutes_per_1000"]["review_all"]);
  EXPECT_THAT(acceptance_line(json),
              HasSubstr("precision 0.9: " + std::to_string(acceptance.accepted) +
                        " of 300 images are accepted ("));
  const auto promise = promise_of(json);
  EXPECT_EQ(promise.size(), 3u);
  EXPECT_EQ(promise["coverage"], json["coverage"]);
}

TEST(AcceptanceJson, SaysThatNothingIsAcceptedAndWhatItWouldTake) {
  const auto judged = two_classes(30, 0.5);
  const auto acceptance = class_acceptance(judged, "classify", 2, 0.999, 0);
  const auto json = acceptance_json(acceptance, 0.999, {"cat", "dog"}, "images",
                                    class_review_time(judged, "classify", 2, acceptance));
  EXPECT_TRUE(json["per_class"]["cat"].is_null());
  EXPECT_TRUE(json["precision"].is_null());
  EXPECT_EQ(json["coverage"], 0);
  EXPECT_EQ(json["minutes_per_1000"]["review_rest"], json["minutes_per_1000"]["review_all"]);
  EXPECT_THAT(acceptance_line(json),
              HasSubstr("precision 0.999: no draft is accepted; 30 images show at most 0."));
  EXPECT_THAT(acceptance_line(json), HasSubstr("it takes 2995 accepted ones, all right"));
}

/// An image with one object, a draft on it and one far from it.
DetectionImage one_object(double on_it, double beside_it) {
  return {{{{0, 0, 10, 10}, 0}}, {{{0, 0, 10, 10}, 0, on_it}, {{50, 50, 60, 60}, 0, beside_it}}};
}

TEST(BoxAcceptance, JudgesTheBoxesThatAreShown) {
  std::vector<DetectionImage> images;
  for (int i = 0; i < 60; ++i) images.push_back(one_object(0.8 + 0.01 * (i % 10), 0.05));
  const auto acceptance = box_acceptance(images, {0.5}, 0.8, 0);
  EXPECT_EQ(acceptance.items, 60);  // those beside it are not shown
  EXPECT_EQ(acceptance.accepted, 60);
  EXPECT_EQ(acceptance.right, 60);
  const auto time = box_review_time(images, {0.5}, {}, acceptance);
  EXPECT_EQ(time.unseen, 60);
  EXPECT_EQ(time.review_rest, 0);
  EXPECT_GT(time.review_all, 0);
  EXPECT_GT(time.by_hand, time.review_all);
}

TEST(BoxAcceptance, AnImageWithALikelyBoxThatIsNotShownIsLookedAt) {
  std::vector<DetectionImage> images;
  for (int i = 0; i < 60; ++i) images.push_back(one_object(0.95, i < 10 ? 0.3 : 0.05));
  const auto acceptance = box_acceptance(images, {0.5}, 0.8, 0);
  const auto time = box_review_time(images, {0.5}, {}, acceptance);
  EXPECT_EQ(time.unseen, 50);
  EXPECT_NEAR(time.review_rest, time.review_all / 6, 1e-9);
}

TEST(BoxAcceptance, BoxesOutshoneAreNotShown) {
  std::vector<DetectionImage> images;
  for (int i = 0; i < 40; ++i) images.push_back(one_object(0.95, 0.9));
  for (auto& image : images) image.drafts[1].outshone = true;
  EXPECT_EQ(box_acceptance(images, {0.5}, 0.8, 0).items, 40);
}

}  // namespace
}  // namespace preannotate
