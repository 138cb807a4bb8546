#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/select.h"
#include "preannotate/review/selection.h"
#include "preannotate/serve/review_session.h"
#include "session_folder.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

/// A folder of 60 drafts and what select chose of it.
class SelectionSessionTest : public testing::Test {
 protected:
  void SetUp() override {
    for (LedgerEntry& entry : world_.entries) {
      Label& label = entry.sample.labels[0];
      label.score = 0.4 + 0.5 * *label.score;  // the best of three
      entry.scores.assign(3, (1 - *label.score) / 2);
      entry.scores[static_cast<size_t>(label.category)] = *label.score;
    }
    write_draft_folder(folder_, "classify", world_.categories, world_.entries);
  }
  void choose(const std::string& purpose, size_t budget, double honeypots = 0) {
    SelectOptions select;
    select.drafts = folder_;
    select.purpose = purpose;
    select.budget = budget;
    select.seed = 3;
    if (honeypots > 0) {
      std::vector<std::string> images;
      for (const auto& entry : world_.entries) images.push_back(entry.sample.image);
      select.gold = folder_ / "gold.csv";
      write_text(select.gold, answers_csv(world_, images));
      select.honeypots = honeypots;
    }
    select_images(select);
    selection_ = read_selection(folder_, purpose, world_.categories);
    open(purpose);
  }
  void open(const std::string& name) {
    session_.reset();
    session_ =
        std::make_unique<ReviewSession>(SessionOptions{.drafts = folder_, .selection = name});
  }
  Json all_items() { return session_->items(ask("ann", 99))["items"]; }
  std::vector<Answer> logged() { return testing_support::logged(folder_, world_.categories); }
  fs::path folder_ = test_folder();
  DraftedWorld world_ = drafted_world(60, 0.6, 5);
  Selection selection_;
  std::unique_ptr<ReviewSession> session_;
};

TEST_F(SelectionSessionTest, ABlindSampleShowsNothingOfTheDraftsInItsOwnOrder) {
  choose("certify", 10);
  const Json reply = session_->items(ask("ann", 99));
  EXPECT_EQ(images_of(reply), selection_.images);
  EXPECT_TRUE(reply["groups"].empty());
  for (const Json& item : reply["items"]) {
    EXPECT_EQ(item["blind"], true);
    EXPECT_TRUE(item["drafts"].empty());
    EXPECT_TRUE(item["guesses"].empty());
  }
  EXPECT_EQ(session_->overview()["grid"], false);
  EXPECT_EQ(session_->overview()["selection"], "certify");
}

TEST_F(SelectionSessionTest, AnAnswerCarriesItsSelection) {
  choose("certify", 10);
  session_->answers(class_answer("ann", 0, 1));
  ASSERT_EQ(logged().size(), 1u);
  EXPECT_EQ(logged()[0].selection, "certify");
  EXPECT_EQ(logged()[0].purpose, "certify");
  EXPECT_EQ(logged()[0].shown, "blind");
  EXPECT_EQ(logged()[0].model_version, "");
  EXPECT_TRUE(logged()[0].drafts.empty());
}

/// Who saw the draft has not answered blindly.
TEST_F(SelectionSessionTest, ABlindSampleAsksAlsoWhatWasAnsweredWithTheDraftInSight) {
  choose("certify", 60);
  open("");
  session_->answers(class_answer("ann", 0, 1));
  const auto image = logged()[0].image;
  open("certify");
  EXPECT_EQ(all_items().size(), 60u);
  session_->answers(class_answer("ann", 0, 1));
  open("certify");
  EXPECT_EQ(all_items().size(), 59u);
}

TEST_F(SelectionSessionTest, ABlindSampleOfOtherDraftsIsRefused) {
  choose("audit", 10);
  session_.reset();
  write_draft_folder(folder_, "classify", world_.categories, drafted_world(60, 0.6, 6).entries);
  try {
    open("audit");
    FAIL() << "it was not refused";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("select anew"));
  }
}

TEST_F(SelectionSessionTest, AnUnknownSelectionSaysHowToMakeOne) {
  try {
    open("friday");
    FAIL() << "it was not refused";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kUsageError);
    EXPECT_THAT(error.what(), HasSubstr("nothing was selected under the name 'friday'"));
  }
}

TEST_F(SelectionSessionTest, APlantedDraftLooksLikeAnyOther) {
  choose("review", 30, 0.1);
  ASSERT_GE(selection_.honeypots.size(), 4u);
  const Json items = all_items();
  ASSERT_EQ(items.size(), 30u);
  size_t planted = 0;
  for (const Json& item : items) {
    ASSERT_EQ(item["drafts"].size(), 1u);
    EXPECT_EQ(item.size(), 7u) << "no field tells them apart: " << item;
    EXPECT_EQ(item["guesses"][0][0], item["drafts"][0]["category"]);
    EXPECT_EQ(item["guesses"][0][1], item["drafts"][0]["score"]);
    for (const Honeypot& honeypot : selection_.honeypots) {
      if (item["image"] != honeypot.image) continue;
      ++planted;
      EXPECT_EQ(item["drafts"][0]["category"], honeypot.labels[0].category);
    }
  }
  EXPECT_EQ(planted, selection_.honeypots.size());
}

TEST_F(SelectionSessionTest, WhatIsSaidOfAPlantedDraftNeverStands) {
  choose("review", 30, 0.1);
  const Json items = all_items();
  const std::string image = selection_.honeypots[0].image;
  size_t item = 0;
  while (items[item]["image"] != image) ++item;
  session_->answers(class_answer("ann", item, 0));
  ASSERT_EQ(logged().size(), 1u);
  EXPECT_EQ(logged()[0].shown, "honeypot");
  EXPECT_EQ(logged()[0].drafts, selection_.honeypots[0].labels);
  EXPECT_TRUE(standing_answers(read_answer_log(folder_, world_.categories)).empty());
  open("review");
  EXPECT_EQ(all_items().size(), 29u) << "and is not asked again";
  session_->undo({{"reviewer", "ann"}});
  EXPECT_EQ(logged()[1].shown, "honeypot");
  EXPECT_EQ(all_items().size(), 30u);
}

/// Of a batch to label a part is drawn uniformly, to tell how wrong the drafts are.
TEST_F(SelectionSessionTest, TheBlindPartOfABatchIsAskedInBetweenWithoutDrafts) {
  choose("review", 20);
  selection_.purpose = "label";
  for (size_t i = 0; i < 4; ++i) selection_.blind.push_back(selection_.images[i]);
  write_selection(selection_folder(folder_, "review"), selection_, world_.categories);
  open("review");
  const Json items = all_items();
  ASSERT_EQ(items.size(), 20u);
  size_t blind = 0, run = 0, longest = 0;  // of items with a draft
  for (const Json& item : items) {
    EXPECT_EQ(item["drafts"].empty(), item["blind"]);
    EXPECT_EQ(item["guesses"].empty(), item["blind"]);
    blind += item["blind"].get<bool>();
    run = item["blind"].get<bool>() ? 0 : run + 1;
    longest = std::max(longest, run);
  }
  EXPECT_EQ(blind, 4u);
  EXPECT_LE(longest, 5u) << "evenly";
  EXPECT_EQ(session_->overview()["grid"], true);
  size_t unseen = 0;
  while (!items[unseen]["blind"]) ++unseen;
  session_->answers(class_answer("ann", unseen, 1));
  EXPECT_EQ(logged()[0].shown, "blind");
  EXPECT_EQ(logged()[0].purpose, "label");
}

TEST_F(SelectionSessionTest, OnlyTheSelectionIsAsked) {
  choose("review", 5);
  EXPECT_EQ(all_items().size(), 5u);
  session_->answers(class_answer("ann", 0, 1));
  open("");
  EXPECT_EQ(session_->overview()["answered"], 1) << "an answer is one wherever it was asked";
}

}  // namespace
}  // namespace preannotate
