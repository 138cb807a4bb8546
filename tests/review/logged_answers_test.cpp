// certify and audit with what people answered in `review`: DRAFTS/review.jsonl.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "draft_folder.h"
#include "preannotate/core/error.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/review/audit.h"
#include "preannotate/review/certify.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/select.h"
#include "preannotate/review/selection.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

class LoggedAnswersTest : public testing::Test {
 protected:
  void SetUp() override {
    write_draft_folder(drafts_, "classify", world_.categories, world_.entries);
    certify_.drafts = audit_.drafts = drafts_;
    certify_.max_error = audit_.max_error = 0.05;
  }
  Selection choose(const std::string& purpose, size_t budget, double honeypots = 0) {
    SelectOptions select;
    select.drafts = drafts_;
    select.purpose = purpose;
    select.budget = budget;
    select.seed = 4;
    if (honeypots > 0) {
      select.gold = folder_ / "gold.csv";
      select.honeypots = honeypots;
      write_text(select.gold, answers_csv(world_, all_images()));
    }
    select_images(select);
    return read_selection(drafts_, purpose, world_.categories);
  }
  std::vector<std::string> all_images() const {
    std::vector<std::string> images;
    for (const auto& entry : world_.entries) images.push_back(entry.sample.image);
    return images;
  }
  size_t index(const std::string& image) const { return std::stoul(image.substr(4, 4)); }
  /// The truth of an image, for a selection.
  Answer truth(const std::string& image, const Selection& selection) const {
    const Sample& draft = world_.entries[index(image)].sample;
    Answer answer;
    answer.image = image;
    answer.reviewer = "ann";
    answer.via = "review";
    answer.selection = selection.name;
    answer.purpose = selection.purpose;
    answer.shown = selection.purpose == "review" ? "draft" : "blind";
    if (selection.purpose == "review") answer.drafts = draft.labels;
    answer.labels = {{world_.truth[index(image)], {}, {}, ""}};
    return answer;
  }
  std::vector<Answer> truths(const Selection& selection) const {
    std::vector<Answer> answers;
    for (const auto& image : selection.images) answers.push_back(truth(image, selection));
    return answers;
  }
  void log(const std::vector<Answer>& answers) {
    AnswerWriter(drafts_).append(answers, world_.categories);
  }
  void fill_in(const Selection& selection) {
    write_text(selection_folder(drafts_, selection.name) / "answers.csv",
               answers_csv(world_, selection.images));
  }
  template <class Options, class Call>
  std::string error_of(Call call, const Options& options) {
    try {
      call(options);
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  }
  fs::path folder_ = test_folder(), drafts_ = folder_ / "drafts";
  DraftedWorld world_ = drafted_world(1000, 0.2, 3);
  CertifyOptions certify_;
  AuditOptions audit_;
};

TEST_F(LoggedAnswersTest, CertifyTakesWhatWasAnsweredInReview) {
  const auto selection = choose("certify", 200);
  log(truths(selection));
  const auto logged = certify(certify_);
  EXPECT_TRUE(logged.given());
  EXPECT_EQ(logged.sampled, 200u);
  certify_.answers = folder_ / "answers.csv";
  write_text(certify_.answers, answers_csv(world_, selection.images));
  const auto from_file = certify(certify_);
  EXPECT_TRUE(from_file.repeated) << "the same answers are no new test";
  EXPECT_EQ(from_file.accepted, logged.accepted);
}

/// 1,000 images of which 600 have an answer: 5 % of all are 12.5 % of the others.
TEST_F(LoggedAnswersTest, WhatPeopleHadAnsweredIsSettled) {
  Selection earlier;
  earlier.purpose = "label";
  for (size_t i = 0; i < 600; ++i) earlier.images.push_back(world_.entries[i].sample.image);
  log(truths(earlier));
  const auto selection = choose("certify", 100);
  EXPECT_EQ(selection.pool, 400u);
  EXPECT_EQ(selection.settled.size(), 600u);
  for (const auto& image : selection.images) EXPECT_GE(index(image), 600u);
  log(truths(selection));
  const auto result = certify(certify_);
  ASSERT_TRUE(result.given());
  EXPECT_EQ(result.settled, 600u);
  EXPECT_EQ(result.accepted + result.to_review, 300u);
  EXPECT_LE(result.error_bound, 0.05);
  const auto drafts = read_draft_set(drafts_);
  EXPECT_EQ(drafts.drafted(0).sample.bucket, "answered");
  long wrong = 0;
  for (size_t i = 600; i < 1000; ++i) {
    const auto& sample = drafts.drafted(i).sample;
    wrong += sample.bucket == "accept" && sample.labels[0].category != world_.truth[i];
  }
  EXPECT_LE(wrong, 50);
}

TEST_F(LoggedAnswersTest, AnAnswerThatWasTakenBackIsAGap) {
  const auto selection = choose("certify", 200);
  auto answers = truths(selection);
  Answer undone = answers[150];
  undone.action = "undone";
  undone.labels.clear();
  answers.push_back(undone);
  log(answers);
  EXPECT_EQ(certify(certify_).sampled, 150u);
}

TEST_F(LoggedAnswersTest, AnswersOfAnotherSelectionDoNotCount) {
  const auto selection = choose("certify", 200);
  auto answers = truths(selection);
  for (Answer& answer : answers) answer.selection = "";
  log(answers);
  fs::remove(selection_folder(drafts_, "certify") / "answers.csv");
  EXPECT_THAT(error_of(certify, certify_),
              testing::AllOf(HasSubstr("nobody has answered the sample 'certify' yet"),
                             HasSubstr("--selection certify")));
}

TEST_F(LoggedAnswersTest, AnswersInTwoPlacesNeedToBeToldApart) {
  const auto selection = choose("certify", 200);
  auto answers = truths(selection);
  answers[7].labels[0].category = (answers[7].labels[0].category + 1) % 2;
  log(answers);
  fill_in(selection);
  EXPECT_THAT(error_of(certify, certify_),
              testing::AllOf(HasSubstr("review.jsonl (200) and in "), HasSubstr("--answers FILE")));
  certify_.answers = drafts_ / "review.jsonl";
  EXPECT_EQ(certify(certify_).sampled, 200u);
  certify_.answers = selection_folder(drafts_, "certify") / "answers.csv";
  EXPECT_THAT(error_of(certify, certify_), HasSubstr("has been used for the one test"));
}

TEST_F(LoggedAnswersTest, ASheetThatWasFilledInCountsAndGoesIntoTheLog) {
  const auto selection = choose("certify", 200);
  fill_in(selection);
  EXPECT_EQ(certify(certify_).sampled, 200u);
  const auto log = read_answer_log(drafts_, world_.categories);
  ASSERT_EQ(log.answers.size(), 200u);
  EXPECT_EQ(log.answers[0].shown, "blind");
  EXPECT_EQ(log.answers[0].labels[0].category, world_.truth[index(selection.images[0])]);
  EXPECT_TRUE(certify(certify_).repeated) << "sheet and log say the same";
  EXPECT_EQ(read_answer_log(drafts_, world_.categories).answers.size(), 200u);
}

TEST_F(LoggedAnswersTest, AuditTakesItsSampleFromTheLog) {
  log(truths(choose("audit", 300)));
  const auto result = audit(audit_);
  EXPECT_TRUE(result.audited);
  EXPECT_EQ(result.drawn, 300u);
  EXPECT_EQ(result.verdict, SequentialAudit::Verdict::kBroken) << "the drafts are 20 % wrong";
}

/// What is audited are the labels with which one would go on.
TEST_F(LoggedAnswersTest, AuditHoldsAnsweredDraftsAgainstTheSample) {
  Selection none;
  none.images = all_images();
  log(truths(none));
  log(truths(choose("audit", 300)));
  const auto result = audit(audit_);
  EXPECT_EQ(result.wrong, 0u);
  EXPECT_EQ(result.verdict, SequentialAudit::Verdict::kKept);
  EXPECT_GT(result.strata[2].counts.total, 100) << "what people changed is edited";
}

/// Else the sample would be right by its own word.
TEST_F(LoggedAnswersTest, AnAuditsAnswersAreNotAmongTheLabelsItAudits) {
  const auto selection = choose("audit", 300);
  log(truths(selection));
  const auto first = audit(audit_);
  EXPECT_GT(first.wrong, 0u);
  EXPECT_EQ(audit(audit_).wrong, first.wrong);
}

TEST_F(LoggedAnswersTest, LabelsThatPeopleChangeAfterTheDrawAreNotAuditedByIt) {
  const auto selection = choose("audit", 300);
  log(truths(selection));
  Selection none;
  none.images = all_images();
  log(truths(none));
  EXPECT_THAT(error_of(audit, audit_), HasSubstr("not the labels that the sample was drawn from"));
}

class LoggedHoneypotsTest : public LoggedAnswersTest {
 protected:
  void SetUp() override {
    LoggedAnswersTest::SetUp();
    selection_ = choose("review", 400, 0.15);
    for (const Honeypot& honeypot : selection_.honeypots) planted_[honeypot.image] = &honeypot;
  }
  /// Ann corrects everything; ben, who has every second image, accepts every planted draft.
  std::vector<Answer> answers() const {
    std::vector<Answer> answers;
    for (const auto& image : selection_.images) {
      Answer answer = truth(image, selection_);
      const auto honeypot = planted_.find(image);
      if (honeypot != planted_.end()) {
        answer.shown = "honeypot";
        answer.drafts = honeypot->second->labels;
      }
      if (answers.size() % 2 == 1) {
        answer.reviewer = "ben";
        if (honeypot != planted_.end()) answer.labels = honeypot->second->labels;
      }
      answers.push_back(answer);
    }
    return answers;
  }
  Selection selection_;
  std::map<std::string, const Honeypot*> planted_;
};

TEST_F(LoggedHoneypotsTest, EachReviewerIsCheckedWithoutAFile) {
  log(answers());
  const auto result = audit(audit_);
  EXPECT_FALSE(result.audited) << "no audit was drawn";
  ASSERT_EQ(result.reviewers.size(), 2u);
  const auto& [ann, ben] = std::tie(result.reviewers[0], result.reviewers[1]);
  EXPECT_EQ(ann.name, "ann");
  EXPECT_EQ(ann.over_acceptance.accepted, 0);
  EXPECT_EQ(ann.spoiled, 0);
  EXPECT_GT(ann.corrected, 0.1);
  EXPECT_FALSE(ann.threatens);
  EXPECT_EQ(ben.name, "ben");
  EXPECT_EQ(ben.over_acceptance.accepted, ben.over_acceptance.planted);
  EXPECT_TRUE(ben.threatens);
  EXPECT_EQ(ann.over_acceptance.planted + ben.over_acceptance.planted, 60);
}

TEST_F(LoggedHoneypotsTest, AuditTellsOfReviewersBesideItsVerdict) {
  log(answers());
  log(truths(choose("audit", 300)));
  const auto result = audit(audit_);
  EXPECT_TRUE(result.audited);
  EXPECT_EQ(result.reviewers.size(), 2u);
}

TEST_F(LoggedHoneypotsTest, WhatWasTakenBackIsNotHeldAgainstAnybody) {
  auto given = answers();
  log(given);
  for (Answer& answer : given) {
    if (answer.reviewer != "ben") continue;
    answer.action = "undone";
    answer.labels.clear();
    log({answer});
  }
  const auto result = audit(audit_);
  ASSERT_EQ(result.reviewers.size(), 1u);
  EXPECT_EQ(result.reviewers[0].name, "ann");
}

TEST_F(LoggedHoneypotsTest, WithoutPlantedDraftsNobodyIsChecked) {
  auto given = answers();
  std::erase_if(given, [](const Answer& answer) { return answer.shown == "honeypot"; });
  log(given);
  log(truths(choose("audit", 300)));
  EXPECT_TRUE(audit(audit_).reviewers.empty());
}

}  // namespace
}  // namespace preannotate
