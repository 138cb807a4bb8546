#include "preannotate/quality/label_issues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;
using Rows = std::vector<std::vector<double>>;

// Expected values: cleanlab 2.9.0 (get_confident_thresholds, compute_confident_joint,
// find_label_issues with filter_by="prune_by_noise_rate", get_label_quality_scores with
// method="normalized_margin") on the same numbers.
const Rows kProbabilities{{.80, .15, .05}, {.70, .20, .10}, {.10, .85, .05}, {.60, .30, .10},
                          {.20, .70, .10}, {.15, .80, .05}, {.75, .20, .05}, {.30, .40, .30},
                          {.10, .20, .70}, {.05, .15, .80}, {.10, .10, .80}, {.45, .10, .45},
                          {.20, .65, .15}, {.90, .05, .05}};
const std::vector<int> kLabels{0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2};
const std::vector<bool> kFlagged{false, false, true,  false, false, false, true,
                                 false, true,  false, false, false, true,  true};
const std::vector<double> kMargins{.825, .75, .125, .65, .75, .825, .225,
                                   .55,  .25, .825, .85, .5,  .25,  .075};

TEST(ConfidentLearning, ThresholdsAreTheMeanSelfConfidence) {
  EXPECT_THAT(confident_thresholds(kProbabilities, kLabels, 3),
              Pointwise(DoubleNear(1e-12), {.55, .46, .45}));
}

TEST(ConfidentLearning, TheJointIsCleanlabs) {
  EXPECT_THAT(confident_joint(kProbabilities, kLabels, 3),
              ElementsAre(ElementsAre(3, 1, 0), ElementsAre(1, 3, 1), ElementsAre(1, 1, 3)));
}

TEST(ConfidentLearning, FlagsAndMarginsAreCleanlabs) {
  const auto issues = find_label_issues(kProbabilities, kLabels, 3);
  EXPECT_EQ(issues.flagged, kFlagged);
  EXPECT_THAT(issues.score, Pointwise(DoubleNear(1e-12), kMargins));
  EXPECT_THAT(issues.suggestion, ElementsAre(1, 1, 1, 1, 0, 0, 0, 0, 2, 1, 0, 0, 1, 0));
}

TEST(ConfidentLearning, BySelfConfidenceAsManyAreFlaggedThoseOfLeastProbability) {
  const auto issues = find_label_issues(kProbabilities, kLabels, 3, Ranking::kSelfConfidence);
  // Five again; of .10, .20, .15, .05 and .20 twice the first. .40 and .45 are most probable.
  EXPECT_THAT(issues.flagged, ElementsAre(false, false, true, false, false, false, true, false,
                                          true, false, false, false, true, true));
  for (size_t i = 0; i < kLabels.size(); ++i) {
    EXPECT_EQ(issues.score[i], kProbabilities[i][static_cast<size_t>(kLabels[i])]);
  }
}

TEST(ConfidentLearning, BySelfConfidenceAnImprobableLabelIsFlaggedBeforeOneOfLargerMargin) {
  // The joint says that one a is b; image 3 has the larger p_b - p_a, image 4 the smaller p_a.
  const Rows probabilities{{.9, .1, 0}, {.8, .2, 0}, {.85, .15, 0}, {.15, .85, 0}, {.1, .4, .5},
                           {.1, .9, 0}, {.2, .8, 0}, {.1, .1, .8},  {.2, .1, .7},  {.05, .05, .9}};
  const std::vector<int> labels{0, 0, 0, 0, 0, 1, 1, 2, 2, 2};
  const auto margin = find_label_issues(probabilities, labels, 3);
  const auto confidence = find_label_issues(probabilities, labels, 3, Ranking::kSelfConfidence);
  EXPECT_EQ(std::count(margin.flagged.begin(), margin.flagged.end(), true), 1);
  EXPECT_TRUE(margin.flagged[3]);
  EXPECT_EQ(std::count(confidence.flagged.begin(), confidence.flagged.end(), true), 1);
  EXPECT_TRUE(confidence.flagged[4]);
}

TEST(ConfidentLearning, AClassWithoutImagesIsNeverReached) {
  Rows probabilities = kProbabilities;
  for (auto& row : probabilities) row.insert(row.begin() + 1, 0.0);
  std::vector<int> labels = kLabels;
  for (int& label : labels) label += label > 0;
  EXPECT_THAT(confident_thresholds(probabilities, labels, 4),
              Pointwise(DoubleNear(1e-12), {.55, 2., .46, .45}));
  EXPECT_THAT(confident_joint(probabilities, labels, 4),
              ElementsAre(ElementsAre(3, 0, 1, 0), ElementsAre(0, 0, 0, 0), ElementsAre(1, 0, 3, 1),
                          ElementsAre(1, 0, 1, 3)));
  const auto issues = find_label_issues(probabilities, labels, 4);
  EXPECT_EQ(issues.flagged, kFlagged);
  EXPECT_THAT(issues.score, Pointwise(DoubleNear(1e-12), kMargins));
}

TEST(ConfidentLearning, EqualProbabilitiesFlagNothing) {
  const Rows equal(6, {1. / 3, 1. / 3, 1. / 3});
  const std::vector<int> labels{0, 0, 1, 1, 2, 2};
  EXPECT_THAT(confident_joint(equal, labels, 3),
              ElementsAre(ElementsAre(2, 0, 0), ElementsAre(1, 1, 0), ElementsAre(1, 0, 1)));
  const auto issues = find_label_issues(equal, labels, 3);
  EXPECT_EQ(issues.flagged, std::vector<bool>(6, false));
  EXPECT_THAT(issues.score, testing::Each(0.5));
}

TEST(ConfidentLearning, TiesBetweenTwoClassesAreCountedForTheFirst) {
  const Rows tied{{.5, .5, 0}, {.5, .5, 0}, {.5, .5, 0}, {.5, .5, 0},
                  {.2, .8, 0}, {.8, .2, 0}, {0, 0, 1.}};
  const std::vector<int> labels{0, 0, 1, 1, 0, 1, 2};
  EXPECT_THAT(confident_joint(tied, labels, 3),
              ElementsAre(ElementsAre(2, 1, 0), ElementsAre(2, 1, 0), ElementsAre(0, 0, 1)));
  const auto issues = find_label_issues(tied, labels, 3);
  EXPECT_THAT(issues.flagged, ElementsAre(false, false, false, false, true, true, false));
  EXPECT_THAT(issues.score, Pointwise(DoubleNear(1e-12), {.5, .5, .5, .5, .2, .2, 1.}));
}

TEST(ConfidentLearning, ImagesThatWereNotJudgedChangeNothing) {
  Rows probabilities = kProbabilities;
  auto labels = kLabels;
  probabilities.insert(probabilities.begin(), std::vector<double>{});  // never out of fold
  labels.insert(labels.begin(), 2);
  probabilities.push_back({.1, .1, .8});  // without a label
  labels.push_back(-1);
  const auto issues = find_label_issues(probabilities, labels, 3);
  EXPECT_EQ(std::vector<bool>(issues.flagged.begin() + 1, issues.flagged.end() - 1), kFlagged);
  for (const size_t i : {size_t{0}, labels.size() - 1}) {
    EXPECT_EQ(issues.score[i], 1);
    EXPECT_EQ(issues.suggestion[i], -1);
    EXPECT_FALSE(issues.flagged[i]);
  }
}

TEST(ConfidentLearning, NoImagesAreNoIssues) {
  const auto issues = find_label_issues({}, {}, 3);
  EXPECT_TRUE(issues.flagged.empty());
  EXPECT_TRUE(issues.score.empty());
}

TEST(ConfidentLearning, TheOnlyImageOfAClassIsNotFlagged) {
  const Rows probabilities{{.9, .1}, {.8, .2}, {.95, .05}};
  for (const Ranking ranking : {Ranking::kMargin, Ranking::kSelfConfidence}) {
    EXPECT_THAT(find_label_issues(probabilities, {0, 0, 1}, 2, ranking).flagged,
                testing::Each(false));
  }
}

TEST(ConfidentLearning, FindsMostOfTheFlippedLabels) {
  Random random(3);
  Rows probabilities;
  std::vector<int> labels;
  std::vector<bool> flipped;
  for (int i = 0; i < 600; ++i) {
    const int truth = i % 3;
    std::vector<double> row(3, 0.1 + 0.05 * random.uniform());
    row[static_cast<size_t>(truth)] = 0.75;
    probabilities.push_back(row);
    flipped.push_back(random.uniform() < 0.1);
    labels.push_back(flipped.back() ? (truth + 1) % 3 : truth);
  }
  EXPECT_EQ(find_label_issues(probabilities, labels, 3).flagged, flipped);
}

TEST(MultilabelIssues, EachClassIsJudgedByItself) {
  // cleanlab 2.9.0: multilabel_classification.filter.find_multilabel_issues_per_class.
  const Rows probabilities{{.9, .2},  {.8, .7},  {.1, .9},   {.2, .1},
                           {.85, .1}, {.05, .8}, {.95, .15}, {.1, .05}};
  const std::vector<std::vector<int>> given{{1, 0}, {1, 1}, {1, 0}, {0, 0},
                                            {1, 0}, {0, 1}, {0, 1}, {0, 0}};
  const auto issues = find_multilabel_issues(probabilities, given, 2);
  ASSERT_EQ(issues.size(), 2u);
  for (const auto& of_class : issues) {
    EXPECT_THAT(of_class.flagged,
                ElementsAre(false, false, true, false, false, false, true, false));
  }
  EXPECT_NEAR(issues[0].score[2], .1, 1e-12);  // given, improbable
  EXPECT_NEAR(issues[1].score[2], .1, 1e-12);  // not given, probable
  EXPECT_NEAR(issues[1].score[6], .15, 1e-12);
  EXPECT_EQ(issues[0].suggestion[2], 0);
  EXPECT_EQ(issues[1].suggestion[2], 1);
}

}  // namespace
}  // namespace preannotate
