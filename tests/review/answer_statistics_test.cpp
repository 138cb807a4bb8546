#include "preannotate/review/answer_statistics.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace preannotate {
namespace {

Label box(float x, int category, std::string id) {
  return {category, {}, Box{x, 0, x + 50, 50}, std::move(id)};
}

/// Two drafts, a cat and a dog, that a person has accepted.
Answer accepted(const std::string& reviewer, const std::string& image) {
  Answer answer;
  answer.image = image;
  answer.reviewer = reviewer;
  answer.via = "review";
  answer.model_version = "v1";
  answer.seconds = 3;
  answer.drafts = answer.labels = {box(0, 0, "a"), box(100, 1, "b")};
  return answer;
}

/// The cat is a hen, the dog was deleted, a cat added.
Answer corrected(const std::string& reviewer, const std::string& image) {
  Answer answer = accepted(reviewer, image);
  answer.labels = {box(0, 2, "a"), box(300, 0, "")};
  answer.seconds = 9;
  return answer;
}

class AnswerStatisticsTest : public testing::Test {
 protected:
  void SetUp() override {
    drafts_.task = "detect";
    for (const char* image : {"a.jpg", "b.jpg", "c.jpg"}) {
      LedgerEntry entry;
      entry.sample.image = image;
      drafts_.at.emplace(image, drafts_.pool.size());
      drafts_.pool.push_back(drafts_.entries.size());
      drafts_.entries.push_back(entry);
    }
  }
  AnswerStatistics of(std::vector<Answer> answers) const {
    return answer_statistics(drafts_, {{"cat", "dog", "hen"}, std::move(answers)});
  }
  DraftSet drafts_;
};

TEST_F(AnswerStatisticsTest, ObjectsAreCountedByWhatBecameOfThem) {
  auto moved = accepted("ann", "c.jpg");
  moved.labels[0].box = Box{10, 0, 60, 50};
  const auto statistics = of({accepted("ann", "a.jpg"), corrected("ann", "b.jpg"), moved});
  EXPECT_EQ(statistics.drafts.objects,
            (ObjectCounts{.accepted = 3, .deleted = 1, .added = 1, .relabelled = 1, .moved = 1}));
  EXPECT_EQ(statistics.drafts.answers, 3u);
  EXPECT_EQ(statistics.drafts.untouched, 1u);
  EXPECT_EQ(statistics.answered, 3u);
  EXPECT_EQ(statistics.images, 3u);
}

TEST_F(AnswerStatisticsTest, ClassesAreThoseThatWereDraftedAddedOnesThatWereSaid) {
  const auto statistics = of({accepted("ann", "a.jpg"), corrected("ann", "b.jpg")});
  EXPECT_EQ(statistics.by_class[0], (ObjectCounts{.accepted = 1, .added = 1, .relabelled = 1}));
  EXPECT_EQ(statistics.by_class[1], (ObjectCounts{.accepted = 1, .deleted = 1}));
  EXPECT_EQ(statistics.by_class[2], ObjectCounts{});
  EXPECT_EQ(statistics.relabelled, (std::map<std::pair<int, int>, size_t>{{{0, 2}, 1}}));
}

TEST_F(AnswerStatisticsTest, PeopleAndModelsAreCountedApart) {
  auto other = corrected("bob", "a.jpg");
  other.model_version = "v2";
  const auto statistics = of({accepted("ann", "a.jpg"), other});
  EXPECT_EQ(statistics.by_reviewer.at("ann").objects, (ObjectCounts{.accepted = 2}));
  EXPECT_EQ(statistics.by_reviewer.at("bob").objects.accepted, 0u);
  EXPECT_EQ(statistics.by_model_version.at("v2").objects.relabelled, 1u);
  EXPECT_EQ(statistics.agreement.images, 1u);
}

TEST_F(AnswerStatisticsTest, TimesAreOfAnswersThatHaveOne) {
  auto untimed = accepted("ann", "c.jpg");
  untimed.seconds = 0;
  const auto statistics = of({accepted("ann", "a.jpg"), corrected("ann", "b.jpg"), untimed});
  EXPECT_DOUBLE_EQ(*statistics.drafts.seconds_per_image(), 6);
  EXPECT_DOUBLE_EQ(*statistics.drafts.seconds_per_object(), 12.0 / 5);
  EXPECT_FALSE(of({untimed}).drafts.seconds_per_image());
}

TEST_F(AnswerStatisticsTest, BlindAndPlantedDraftsAndSkippedImagesAreApart) {
  auto blind = accepted("ann", "a.jpg"), planted = corrected("ann", "b.jpg"),
       skipped = accepted("ann", "c.jpg");
  blind.shown = "blind";
  blind.drafts.clear();
  planted.shown = "honeypot";
  skipped.action = "skipped";
  skipped.labels.clear();
  const auto statistics = of({blind, planted, skipped});
  EXPECT_EQ(statistics.drafts.answers, 0u);
  EXPECT_EQ(statistics.drafts.skipped, 1u);
  EXPECT_EQ(statistics.drafts.objects, ObjectCounts{});
  EXPECT_EQ(statistics.blind.objects, (ObjectCounts{.added = 2}));
  EXPECT_EQ(statistics.planted.at("ann").answers, 1u);
  EXPECT_EQ(statistics.planted.at("ann").untouched, 0u);
  EXPECT_EQ(statistics.answered, 1u);
}

TEST_F(AnswerStatisticsTest, AnImageThatWaitsForSomebodyToSettleItIsAConflict) {
  auto conflict = accepted("", "a.jpg");
  conflict.action = "conflict";
  conflict.via = "merge";
  EXPECT_EQ(of({accepted("ann", "a.jpg"), conflict}).conflicts, 1u);
  EXPECT_EQ(of({conflict, accepted("ann", "a.jpg")}).conflicts, 0u);
}

TEST_F(AnswerStatisticsTest, TheDocumentHasAllOfIt) {
  const auto json = statistics_json(of({accepted("ann", "a.jpg"), corrected("bob", "b.jpg")}));
  EXPECT_EQ(json["drafts"]["objects"]["accepted"], 2);
  EXPECT_EQ(json["drafts"]["objects"]["drafted"], 4);
  EXPECT_EQ(json["classes"][0]["category"], "cat");
  EXPECT_EQ(json["reviewers"][1]["reviewer"], "bob");
  EXPECT_EQ(json["reviewers"][1]["seconds_per_image"], 9);
  EXPECT_EQ(json["relabelled"], Json::array({{{"drafted", "cat"}, {"said", "hen"}, {"count", 1}}}));
  EXPECT_TRUE(json["agreement"]["kappa"].is_null());
}

}  // namespace
}  // namespace preannotate
