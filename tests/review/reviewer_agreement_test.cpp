#include "preannotate/review/reviewer_agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace preannotate {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Answer says(const std::string& reviewer, const std::string& image, int category) {
  Answer answer;
  answer.image = image;
  answer.reviewer = reviewer;
  answer.via = "review";
  answer.model_version = "v1";
  answer.labels = {{category, {}, {}, ""}};
  return answer;
}

AnswerLog log_of(std::vector<Answer> answers) {
  return {{"cat", "dog", "hen"}, std::move(answers)};
}

TEST(OwnAnswersTest, OfAPersonsAnswersToTheSameDraftsTheLastCounts) {
  auto other_model = says("ann", "a.jpg", 2);
  other_model.model_version = "v2";
  const auto own = own_answers(log_of(
      {says("ann", "a.jpg", 0), says("bob", "a.jpg", 0), says("ann", "a.jpg", 1), other_model}));
  ASSERT_THAT(own, SizeIs(3));
  EXPECT_EQ(own[1].reviewer, "ann");
  EXPECT_EQ(own[1].labels[0].category, 1);
}

TEST(OwnAnswersTest, WhatWasUndoneOrMadeOfSeveralIsNobodys) {
  auto undone = says("ann", "a.jpg", 0), merged = says("", "b.jpg", 0), asked = merged;
  undone.action = "undone";
  merged.via = "merge";
  asked.action = "conflict";
  const auto own = own_answers(log_of({says("ann", "a.jpg", 0), says("bob", "a.jpg", 1), undone,
                                       says("ann", "b.jpg", 1), merged, asked}));
  ASSERT_THAT(own, SizeIs(2));
  EXPECT_EQ(own[0].reviewer, "bob");
  EXPECT_EQ(own[1].image, "b.jpg");
}

TEST(ReviewerAgreementTest, KappaIsOfTheImagesThatBothAnswered) {
  std::vector<Answer> answers = {says("cy", "z.jpg", 0)};
  const int ann[] = {0, 0, 1, 1, 2, 2, 0, 1, 2, 0, 1, 1},
            bob[] = {0, 1, 1, 1, 2, 0, 0, 1, 2, 0, 2, 1};
  for (int i = 0; i < 12; ++i) {
    answers.push_back(says("ann", std::to_string(i), ann[i]));
    answers.push_back(says("bob", std::to_string(i), bob[i]));
  }
  const auto agreement = reviewer_agreement(log_of(answers), "classify");
  EXPECT_EQ(agreement.images, 12u);
  EXPECT_THAT(agreement.reviewers, ElementsAre("ann", "bob"));
  EXPECT_NEAR(*agreement.kappa, 0.6170212765957447, 1e-12);
  EXPECT_NEAR(*agreement.alpha, 0.6329787234042552, 1e-12);
  EXPECT_FALSE(agreement.box_f1);
}

TEST(ReviewerAgreementTest, PeopleWithoutANameAndPlantedDraftsAreLeftOut) {
  auto planted = says("bob", "a.jpg", 1);
  planted.shown = "honeypot";
  const auto agreement = reviewer_agreement(
      log_of({says("ann", "a.jpg", 0), says("", "a.jpg", 1), planted}), "classify");
  EXPECT_EQ(agreement.images, 0u);
  EXPECT_FALSE(agreement.alpha);
}

TEST(ReviewerAgreementTest, SeveralClassesAgreeClassByClass) {
  auto both = says("ann", "a.jpg", 0);
  both.labels.push_back({1, {}, {}, ""});
  // Cat: 1 1; dog: 1 0. Four values, three of them 1: disagreed 2 of expected (16 - 10) / 3 = 2.
  const auto agreement = reviewer_agreement(log_of({both, says("bob", "a.jpg", 0)}), "multilabel");
  EXPECT_NEAR(*agreement.alpha, 0, 1e-12);
  EXPECT_FALSE(agreement.kappa);
}

TEST(ReviewerAgreementTest, BoxesAgreeByPairsOfPeople) {
  const auto boxed = [](const std::string& reviewer, std::vector<float> places) {
    auto answer = says(reviewer, "a.jpg", 0);
    answer.labels.clear();
    for (const float x : places) answer.labels.push_back({0, {}, Box{x, 0, x + 10, 10}, ""});
    return answer;
  };
  const auto agreement = reviewer_agreement(
      log_of({boxed("ann", {0}), boxed("bob", {0}), boxed("cy", {0, 50})}), "detect");
  EXPECT_NEAR(*agreement.box_f1, (1 + 2.0 / 3 + 2.0 / 3) / 3, 1e-12);
  EXPECT_NEAR(*agreement.box_iou, 1, 1e-12);
  EXPECT_FALSE(agreement.alpha);
}

}  // namespace
}  // namespace preannotate
