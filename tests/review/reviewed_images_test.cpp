#include "preannotate/review/reviewed_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "draft_folder.h"
#include "preannotate/core/error.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/quality/over_acceptance.h"
#include "preannotate/review/selection.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing::HasSubstr;
using namespace testing_support;

class ReviewedImagesTest : public testing::Test {
 protected:
  void SetUp() override {
    drafts_ = test_folder() / "drafts";
    write_draft_folder(drafts_, "classify", world_.categories, world_.entries);
  }

  /// Of image i by `reviewer`; category -1: nothing is there.
  Answer answer(size_t i, int category, const std::string& shown = "draft",
                const std::string& reviewer = "ann") const {
    const LedgerEntry& entry = world_.entries[i];
    Answer answer;
    answer.at = "2026-01-01T00:00:00Z";
    answer.image = entry.sample.image;
    answer.sha256 = entry.sha256;
    answer.reviewer = reviewer;
    answer.via = "review";
    answer.shown = shown;
    if (shown != "blind") answer.drafts = entry.sample.labels;
    if (category >= 0) answer.labels.push_back({category, {}, {}, ""});
    return answer;
  }
  int drafted(size_t i) const { return world_.entries[i].sample.labels[0].category; }
  int other(size_t i) const { return (drafted(i) + 1) % 3; }

  void append(const std::vector<Answer>& answers) const {
    AnswerWriter(drafts_).append(answers, categories_);
  }
  ReviewedImages read() const { return read_reviewed({drafts_}, {"cow", "bee"}, "classify"); }

  /// `wrong` planted drafts, the first `accepted` of which ann accepts, and one planted right.
  void plant(size_t wrong, size_t accepted) const {
    Selection selection;
    selection.name = "first";
    selection.purpose = "review";
    std::vector<Answer> answers;
    for (size_t i = 0; i <= wrong; ++i) {
      const bool right = i == wrong;
      const std::vector<Label> truth{{right ? drafted(i) : other(i), {}, {}, ""}};
      selection.images.push_back(world_.entries[i].sample.image);
      selection.honeypots.push_back(
          {world_.entries[i].sample.image, right, world_.entries[i].sample.labels, truth});
      answers.push_back(answer(i, right || i < accepted ? drafted(i) : other(i), "honeypot"));
      answers.back().selection = "first";
    }
    std::filesystem::create_directories(selection_folder(drafts_, "first"));
    write_selection(selection_folder(drafts_, "first"), selection, world_.categories);
    append(answers);
  }

  DraftedWorld world_ = drafted_world(100, 0.3, 1);
  std::vector<std::string> categories_{"ant", "bee", "cow"};
  std::filesystem::path drafts_;
};

TEST_F(ReviewedImagesTest, AnAnswerIsBlindEditedAcceptedOrRejected) {
  append(
      {answer(0, drafted(0), "blind"), answer(1, other(1)), answer(2, drafted(2)), answer(3, -1)});
  const auto reviewed = read();
  ASSERT_EQ(reviewed.images.size(), 4u);
  EXPECT_EQ(reviewed.images[0].kind, AnswerKind::kBlind);
  EXPECT_EQ(reviewed.images[1].kind, AnswerKind::kEdited);
  EXPECT_EQ(reviewed.images[2].kind, AnswerKind::kAccepted);
  EXPECT_EQ(reviewed.images[3].kind, AnswerKind::kRejected);
  EXPECT_EQ(reviewed.images[0].trust, 1);
  EXPECT_EQ(reviewed.images[1].trust, 1);
  EXPECT_LT(reviewed.images[2].trust, 1);
  EXPECT_EQ(reviewed.categories[static_cast<size_t>(reviewed.images[3].labels.at(0).category)],
            world_.categories[static_cast<size_t>(drafted(3))])
      << "what a rejected image is not";
  EXPECT_EQ(reviewed.images[0].path, std::filesystem::path("pictures") / "img" / "0000.jpg");
}

TEST_F(ReviewedImagesTest, CategoriesKeepTheirOrderAndNewOnesComeBehind) {
  categories_.push_back("dog");
  append({answer(0, 3), answer(1, drafted(1))});
  const auto reviewed = read();
  EXPECT_THAT(reviewed.categories, testing::ElementsAre("cow", "bee", "ant", "dog"));
  EXPECT_EQ(reviewed.images[0].labels[0].category, 3);
  const int found = reviewed.images[1].labels[0].category;
  EXPECT_EQ(reviewed.categories[static_cast<size_t>(found)],
            world_.categories[static_cast<size_t>(drafted(1))]);
}

TEST_F(ReviewedImagesTest, OnlyWhatStandsCounts) {
  auto undone = answer(0, -1), skipped = answer(1, -1), changed = answer(2, other(2));
  undone.action = "undone";
  skipped.action = "skipped";
  append({answer(0, other(0)), undone, skipped, answer(2, drafted(2)), changed});
  const auto reviewed = read();
  ASSERT_EQ(reviewed.images.size(), 1u);
  EXPECT_EQ(reviewed.images[0].kind, AnswerKind::kEdited);
}

TEST_F(ReviewedImagesTest, BetaIsMeasuredByTenPlantedDraftsOrMore) {
  plant(20, 6);
  std::vector<Answer> answers;
  for (size_t i = 30; i < 70; ++i) answers.push_back(answer(i, i % 4 ? drafted(i) : other(i)));
  append(answers);
  const auto reviewed = read();
  ASSERT_EQ(reviewed.reviewers.size(), 1u);
  const ReviewerTrust& ann = reviewed.reviewers[0];
  EXPECT_EQ(ann.measured_by, "honeypots");
  EXPECT_EQ(ann.planted_wrong, 20);
  EXPECT_DOUBLE_EQ(ann.beta, 0.3);
  EXPECT_EQ(ann.edited, 10);
  EXPECT_NEAR(ann.draft_error, 0.25 / 0.7, 1e-12);
  EXPECT_DOUBLE_EQ(ann.weight, accepted_weight(0.3, 0.25 / 0.7));
  for (const auto& image : reviewed.images) {
    EXPECT_DOUBLE_EQ(image.trust, image.kind == AnswerKind::kAccepted ? ann.weight : 1);
  }
}

TEST_F(ReviewedImagesTest, FewPlantedDraftsMeasureNothing) {
  plant(9, 9);
  append({answer(50, drafted(50))});
  EXPECT_EQ(read().reviewers.at(0).measured_by, "assumed");
  EXPECT_EQ(read().reviewers.at(0).beta, kAssumedBeta);
}

/// Of the blind half 40 % of the drafts are wrong; of the shown half only 20 % were edited.
TEST_F(ReviewedImagesTest, BlindAnswersOfTheSameBucketMeasureIt) {
  std::vector<Answer> answers;
  for (size_t i = 0; i < 80; ++i) {
    const bool blind = i % 2 == 0;
    const bool differs = blind ? i / 2 % 5 < 2 : i / 2 % 5 < 1;
    answers.push_back(answer(i, differs ? other(i) : drafted(i), blind ? "blind" : "draft"));
  }
  append(answers);
  const auto reviewed = read();
  const ReviewerTrust& ann = reviewed.reviewers.at(0);
  EXPECT_EQ(ann.measured_by, "blind answers");
  EXPECT_NEAR(ann.beta, 0.5, 1e-12);
  EXPECT_NEAR(ann.draft_error, 0.4, 1e-12);
}

TEST_F(ReviewedImagesTest, EachReviewerHasATrustOfTheirOwn) {
  plant(20, 20);
  append({answer(40, drafted(40), "draft", "bob"), answer(41, other(41), "draft", "bob"),
          answer(42, drafted(42)), answer(43, other(43))});
  const auto reviewed = read();
  ASSERT_EQ(reviewed.reviewers.size(), 2u);
  EXPECT_EQ(reviewed.reviewers[0].reviewer, "ann");
  EXPECT_EQ(reviewed.reviewers[0].beta, 1);
  EXPECT_EQ(reviewed.reviewers[1].beta, kAssumedBeta);
  EXPECT_LT(reviewed.reviewers[0].weight, reviewed.reviewers[1].weight);
  EXPECT_GT(reviewed.images[2].trust, 0);
}

TEST_F(ReviewedImagesTest, AnswersOfAnotherPictureAreLeftOut) {
  auto other_picture = answer(0, drafted(0)), gone = answer(1, drafted(1));
  other_picture.sha256 = std::string(64, 'b');
  gone.image = "img/gone.jpg";
  append({other_picture, gone, answer(2, -1, "blind")});
  const auto reviewed = read();
  EXPECT_TRUE(reviewed.images.empty());
  EXPECT_EQ(reviewed.left_out.size(), 3u);
}

TEST_F(ReviewedImagesTest, DraftsOfAnotherTaskAreRefused) {
  try {
    read_reviewed({drafts_}, {}, "detect");
    FAIL() << "nothing was thrown";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kBadInput);
    EXPECT_THAT(error.what(), HasSubstr("the run is of --task detect"));
  }
}

}  // namespace
}  // namespace preannotate
