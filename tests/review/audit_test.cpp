#include "preannotate/review/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "draft_folder.h"
#include "preannotate/core/error.h"
#include "preannotate/core/random.h"
#include "preannotate/review/select.h"
#include "preannotate/review/selection.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;
using Verdict = SequentialAudit::Verdict;

class AuditTest : public testing::Test {
 protected:
  void SetUp() override {
    write_draft_folder(drafts_, "classify", world_.categories, world_.entries);
    options_.drafts = drafts_;
    options_.answers = folder_ / "answers.csv";
  }
  /// Finished labels: right, but for each `wrong_every`-th (0: none), and the audit's answers.
  void finish(size_t wrong_every, size_t budget) {
    DraftedWorld finished = world_;
    for (size_t i = 0; wrong_every > 0 && i < finished.truth.size(); i += wrong_every)
      finished.truth[i] = (finished.truth[i] + 1) % 3;
    std::vector<std::string> all;
    for (const auto& entry : world_.entries) all.push_back(entry.sample.image);
    options_.labels = folder_ / "finished.csv";
    write_text(options_.labels, answers_csv(finished, all));
    SelectOptions select;
    select.drafts = drafts_;
    select.purpose = "audit";
    select.budget = budget;
    select.labels = options_.labels;
    select.seed = 9;
    select_images(select);
    write_text(options_.answers,
               answers_csv(world_, read_selection(drafts_, "audit", world_.categories).images));
  }
  std::string error_of(const AuditOptions& options) {
    try {
      audit(options);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }
  fs::path folder_ = test_folder(), drafts_ = folder_ / "drafts";
  DraftedWorld world_ = drafted_world(1000, 0.2, 3);
  AuditOptions options_;
};

TEST_F(AuditTest, AKeptPromiseIsBorneOut) {
  finish(0, 400);
  const auto result = audit(options_);
  EXPECT_EQ(result.verdict, Verdict::kKept);
  EXPECT_EQ(result.drawn, 400u);
  EXPECT_EQ(result.wrong, 0u);
  EXPECT_LE(result.error.high, 0.01);
  long images = 0;
  for (const auto& stratum : result.strata) images += stratum.counts.total;
  EXPECT_EQ(images, 1000);
}

TEST_F(AuditTest, StrataGoByBucketAndByWhatWasChanged) {
  finish(0, 50);
  const auto result = audit(options_);
  long accepted = 0, reviewed = 0, edited = 0;
  for (size_t i = 0; i < world_.entries.size(); ++i) {
    const Sample& draft = world_.entries[i].sample;
    const bool changed = draft.labels[0].category != world_.truth[i];
    ++(changed ? edited : draft.bucket == "accept" ? accepted : reviewed);
  }
  EXPECT_EQ(result.strata[0].name, "accepted");
  EXPECT_EQ(result.strata[0].counts.total, accepted);
  EXPECT_EQ(result.strata[1].counts.total, reviewed);
  EXPECT_EQ(result.strata[2].counts.total, edited);
}

TEST_F(AuditTest, ABrokenPromiseIsFound) {
  finish(10, 300);  // 10 % wrong
  const auto result = audit(options_);
  EXPECT_EQ(result.verdict, Verdict::kBroken);
  EXPECT_GT(result.error.low, 0.01);
  EXPECT_LE(result.error.low, 0.1);
  EXPECT_GE(result.error.high, 0.1);
}

TEST_F(AuditTest, TooFewAnswersLeaveItOpen) {
  finish(0, 30);
  EXPECT_EQ(audit(options_).verdict, Verdict::kGoOn);
}

TEST_F(AuditTest, LabelsChangedAfterTheDrawAreRefused) {
  finish(0, 100);
  std::string labels = read_text(options_.labels);
  const auto at = labels.find(",ant\n");
  labels.replace(at, 5, ",bee\n");
  write_text(options_.labels, labels);
  EXPECT_THAT(error_of(options_), HasSubstr("not the labels that the sample was drawn from"));
  options_.labels.clear();
  EXPECT_THAT(error_of(options_), HasSubstr("not the labels that the sample was drawn from"));
}

TEST_F(AuditTest, AnUnfinishedSetIsRefused) {
  finish(0, 100);
  write_text(options_.labels, answers_csv(world_, {"img/0003.jpg"}));
  EXPECT_THAT(
      error_of(options_),
      HasSubstr("999 of the 1,000 images of the drafts have no label, first 'img/0000.jpg'"));
}

TEST_F(AuditTest, HoneypotsTellWhoAcceptsWrongDrafts) {
  std::vector<std::string> gold;
  for (size_t i = 700; i < 900; ++i) gold.push_back(world_.entries[i].sample.image);
  write_text(folder_ / "gold.csv", answers_csv(world_, gold));
  SelectOptions select;
  select.drafts = drafts_;
  select.purpose = "review";
  select.budget = 400;
  select.honeypots = 0.15;
  select.gold = folder_ / "gold.csv";
  select.seed = 5;
  select_images(select);
  const auto selection = read_selection(drafts_, "review", world_.categories);
  // One corrects everything, the other accepts every planted draft and each third wrong one.
  DraftedWorld careless = world_;
  for (size_t i = 0; i < world_.entries.size(); i += 3)
    careless.truth[i] = world_.entries[i].sample.labels[0].category;
  for (const auto& honeypot : selection.honeypots) {
    const auto at = std::stoul(honeypot.image.substr(4, 4));
    careless.truth[at] = honeypot.labels[0].category;
  }
  write_text(folder_ / "careful.csv", answers_csv(world_, selection.images));
  write_text(folder_ / "careless.csv", answers_csv(careless, selection.images));
  AuditOptions options;
  options.drafts = drafts_;
  options.reviewed = {"Ada=" + (folder_ / "careful.csv").string(),
                      (folder_ / "careless.csv").string()};
  const auto result = audit(options);
  EXPECT_FALSE(result.audited);
  ASSERT_EQ(result.reviewers.size(), 2u);
  EXPECT_EQ(result.reviewers[0].name, "Ada");
  EXPECT_EQ(result.reviewers[0].over_acceptance.planted, 60);
  EXPECT_EQ(result.reviewers[0].over_acceptance.accepted, 0);
  EXPECT_EQ(result.reviewers[0].spoiled, 0);
  EXPECT_LT(result.reviewers[0].over_acceptance.beta.high, 0.07);
  EXPECT_EQ(result.reviewers[1].name, "careless.csv");
  EXPECT_EQ(result.reviewers[1].over_acceptance.accepted, 60);
  EXPECT_TRUE(result.reviewers[1].threatens);
  EXPECT_GT(result.reviewers[0].corrected, result.reviewers[1].corrected);
}

TEST_F(AuditTest, WithoutHoneypotsReviewersCannotBeChecked) {
  SelectOptions select;
  select.drafts = drafts_;
  select.purpose = "review";
  select.budget = 10;
  select_images(select);
  AuditOptions options;
  options.drafts = drafts_;
  options.reviewed = {"x.csv"};
  EXPECT_THAT(error_of(options), HasSubstr("holds no honeypots"));
}

}  // namespace
}  // namespace preannotate
