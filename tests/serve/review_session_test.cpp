#include "preannotate/serve/review_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "session_folder.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace testing_support;

const std::vector<std::string> kCategories = {"ant", "bee", "cow"};

/// Two bees and three ants to review, a cow that is accepted.
class ReviewSessionTest : public testing::Test {
 protected:
  void SetUp() override { write({"review", "review", "review", "review", "review", "accept"}); }
  void write(const std::vector<std::string>& buckets) {
    entries_ = {drafted_class("bee sure", 1, 0.1),   drafted_class("ant", 0, 0.5),
                drafted_class("ant unsure", 0, 0.6), drafted_class("bee unsure", 1, 0.4),
                drafted_class("ant sure", 0, 0.2),   drafted_class("cow", 2, 0.01)};
    for (size_t i = 0; i < entries_.size(); ++i) entries_[i].sample.bucket = buckets[i];
    write_draft_folder(folder_, "classify", kCategories, entries_);
    options_.drafts = folder_;
    open();
  }
  /// As if the program was killed and started again.
  void open() {
    session_.reset();
    session_ = std::make_unique<ReviewSession>(options_);
  }
  std::string error_of(const Json& request, Json (ReviewSession::*call)(const Json&)) {
    try {
      (session_.get()->*call)(request);
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      return error.what();
    }
    return "no error";
  }
  std::vector<std::string> left_for(const std::string& reviewer) {
    return images_of(session_->items(ask(reviewer, 99)));
  }
  std::vector<Answer> logged() { return testing_support::logged(folder_, kCategories); }
  fs::path folder_ = test_folder();
  std::vector<LedgerEntry> entries_;
  SessionOptions options_;
  std::unique_ptr<ReviewSession> session_;
};

TEST_F(ReviewSessionTest, ClassesComeTogetherTheLargestFirstTheLeastSureFirst) {
  EXPECT_THAT(left_for("ann"),
              ElementsAre("ant unsure", "ant", "ant sure", "bee unsure", "bee sure"));
}

TEST_F(ReviewSessionTest, AnItemHasWhatThePageShows) {
  const Json item = session_->items(ask("ann", 1))["items"][0];
  EXPECT_EQ(item["width"], 100);
  EXPECT_EQ(item["height"], 80);
  EXPECT_EQ(item["blind"], false);
  EXPECT_EQ(item["drafts"][0]["category"], 0);
  EXPECT_EQ(item["drafts"][0]["score"], 0.4);
  EXPECT_EQ(item["guesses"].size(), 3u);
  EXPECT_EQ(item["guesses"][0][0], 0);
}

TEST_F(ReviewSessionTest, AnAnswerIsInTheLogWithWhatWasShown) {
  const Json reply = session_->answers(class_answer("ann", 1, 2));
  EXPECT_EQ(reply["answered"], 1);
  EXPECT_EQ(reply["left"], 4);
  EXPECT_THAT(reply["refused"], IsEmpty());
  ASSERT_EQ(logged().size(), 1u);
  const Answer answer = logged()[0];
  EXPECT_EQ(answer.image, "ant");
  EXPECT_EQ(answer.reviewer, "ann");
  EXPECT_EQ(answer.via, "review");
  EXPECT_EQ(answer.shown, "draft");
  EXPECT_EQ(answer.sha256, std::string(64, 'a'));
  EXPECT_EQ(answer.model_version, "0123456789ab");
  EXPECT_EQ(answer.drafts, entries_[1].sample.labels);
  EXPECT_EQ(answer.labels, (std::vector<Label>{{2, {}, {}, ""}}));
  EXPECT_EQ(answer.seconds, 1.5);
}

TEST_F(ReviewSessionTest, AnAcceptedDraftKeepsItsId) {
  Json request = class_answer("ann", 0, 0);
  request["answers"][0]["labels"][0]["id"] = "d3f9a1c2e7b0";
  session_->answers(request);
  EXPECT_EQ(logged()[0].labels, (std::vector<Label>{{0, {}, {}, "d3f9a1c2e7b0"}}));
}

TEST_F(ReviewSessionTest, AGridAsksForOneClass) {
  const Json reply = session_->items(ask("ann", 9, "grid", 1));
  EXPECT_THAT(images_of(reply), ElementsAre("bee unsure", "bee sure"));
  EXPECT_EQ(reply["groups"].size(), 2u);
  EXPECT_EQ(reply["groups"][0]["category"], 0);
  EXPECT_EQ(reply["groups"][0]["left"], 3);
  EXPECT_EQ(reply["left"], 5);
}

TEST_F(ReviewSessionTest, AReplyThatComesTwiceIsOneAnswer) {
  session_->answers(class_answer("ann", 0, 2));
  const Json again = session_->answers(class_answer("ann", 0, 2));
  EXPECT_THAT(again["refused"], IsEmpty());
  EXPECT_EQ(again["answered"], 1);
  session_->answers(skip("ann", 1));
  session_->answers(skip("ann", 1));
  EXPECT_EQ(logged().size(), 2u);
}

TEST_F(ReviewSessionTest, OnesOwnAnswerCanBeCorrected) {
  session_->answers(class_answer("ann", 0, 2));
  session_->answers(class_answer("ann", 0, 1));
  const auto standing = standing_answers(read_answer_log(folder_, kCategories));
  EXPECT_EQ(standing.at("ant unsure").labels[0].category, 1);
  EXPECT_EQ(session_->progress("ann")["reviewers"][0]["answered"], 1);
}

TEST_F(ReviewSessionTest, AnothersAnswerIsNotReplaced) {
  session_->answers(class_answer("ann", 0, 2));
  const Json reply = session_->answers(class_answer("ben", 0, 1));
  ASSERT_EQ(reply["refused"].size(), 1u);
  EXPECT_EQ(reply["refused"][0]["item"], 0);
  EXPECT_EQ(reply["refused"][0]["why"], "ann has answered this image already");
  EXPECT_EQ(logged().size(), 1u);
}

TEST_F(ReviewSessionTest, WhatIsLeasedToAnotherMayBeAnsweredWhileItIsOpen) {
  EXPECT_EQ(images_of(session_->items(ask("ann", 2))).size(), 2u);
  EXPECT_THAT(left_for("ben"), ElementsAre("ant sure", "bee unsure", "bee sure"));
  EXPECT_THAT(session_->answers(class_answer("ben", 0, 2))["refused"], IsEmpty());
  EXPECT_EQ(logged().size(), 1u);
}

TEST_F(ReviewSessionTest, ASessionGoesOnWhereTheLastOneEnded) {
  session_->answers(class_answer("ann", 0, 2));
  session_->answers(skip("ann", 1));
  session_->answers(class_answer("ben", 3, 1));
  open();
  EXPECT_THAT(left_for("ann"), ElementsAre("ant sure", "bee sure"));
  const Json overview = session_->overview();
  EXPECT_EQ(overview["total"], 5);
  EXPECT_EQ(overview["answered"], 2);
  EXPECT_THAT(overview["reviewers"], testing::SizeIs(2));
  open();
  EXPECT_THAT(left_for("ben"), ElementsAre("ant", "ant sure", "bee sure"));
}

TEST_F(ReviewSessionTest, UndoTakesTheLastAnswerBackAlsoAfterARestart) {
  session_->answers(class_answer("ann", 0, 2));
  session_->answers(class_answer("ann", 1, 1));
  session_->undo({{"reviewer", "ann"}});
  open();
  const Json reply = session_->undo({{"reviewer", "ann"}});
  EXPECT_EQ(reply["item"]["image"], "ant unsure");
  EXPECT_EQ(reply["item"]["labels"][0]["category"], 2);
  EXPECT_EQ(reply["answered"], 0);
  EXPECT_EQ(reply["left"], 5);
  EXPECT_TRUE(session_->undo({{"reviewer", "ann"}})["item"].is_null());
  EXPECT_TRUE(standing_answers(read_answer_log(folder_, kCategories)).empty());
  EXPECT_EQ(logged().size(), 4u);
}

TEST_F(ReviewSessionTest, UndoOfASkipAsksAgain) {
  session_->answers(skip("ann", 0));
  session_->answers(skip("ben", 0));
  EXPECT_EQ(session_->undo({{"reviewer", "ben"}})["item"]["action"], "skipped");
  EXPECT_EQ(session_->undo({{"reviewer", "ann"}})["item"]["image"], "ant unsure");
  EXPECT_EQ(left_for("ann").size(), 5u);
}

TEST_F(ReviewSessionTest, WhatAnImportSaidIsNeitherAskedNorUndone) {
  session_.reset();
  Answer answer;
  answer.image = "ant";
  answer.reviewer = "ann";
  answer.via = "label_studio";
  answer.labels = {{2, {}, {}, ""}};
  AnswerWriter(folder_).append(std::vector{answer}, kCategories);
  open();
  EXPECT_EQ(left_for("ann").size(), 4u);
  EXPECT_TRUE(session_->undo({{"reviewer", "ann"}})["item"].is_null());
  EXPECT_EQ(session_->answers(class_answer("ann", 1, 0))["refused"].size(), 1u);
}

TEST_F(ReviewSessionTest, WhatPeopleDisagreeAboutIsAskedWhateverItsBucket) {
  session_.reset();
  Answer answer;
  answer.image = "cow";
  answer.via = "label_studio";
  answer.action = "conflict";
  AnswerWriter(folder_).append(std::vector{answer}, kCategories);
  open();
  EXPECT_THAT(left_for("ann"), testing::Contains("cow"));
  session_->answers(class_answer("ann", 5, 2));
  open();
  EXPECT_THAT(left_for("ann"), testing::Not(testing::Contains("cow")));
}

TEST_F(ReviewSessionTest, ProgressTellsThePaceAndWhatIsLeft) {
  session_->answers(class_answer("ann", 0, 2));
  Json second = class_answer("ann", 1, 0);
  second["answers"][0]["seconds"] = 2.5;
  session_->answers(second);
  const Json progress = session_->progress("ann");
  EXPECT_EQ(progress["answered"], 2);
  EXPECT_EQ(progress["left"], 3);
  EXPECT_EQ(progress["total"], 5);
  EXPECT_EQ(progress["seconds_mean"], 2.0);
  EXPECT_EQ(progress["left_s"], 6.0);
  EXPECT_EQ(progress["reviewers"][0]["name"], "ann");
  ASSERT_EQ(session_->paces().size(), 1u);
  EXPECT_EQ(session_->paces()[0].answered, 2u);
  open();
  EXPECT_TRUE(session_->paces().empty()) << "of this run of the program";
}

TEST_F(ReviewSessionTest, ClassesThatTheDraftsDoNotHaveCanBeGiven) {
  options_.classes = {"bee", "dog"};
  open();
  EXPECT_EQ(session_->overview()["categories"], Json({"ant", "bee", "cow", "dog"}));
  EXPECT_THAT(session_->answers(class_answer("ann", 0, 3))["refused"], IsEmpty());
  options_.classes.clear();
  open();
  EXPECT_EQ(session_->overview()["categories"], Json({"ant", "bee", "cow", "dog"}));
}

TEST_F(ReviewSessionTest, ASecondProgramIsRefusedWhileOneTakesAnswers) {
  try {
    ReviewSession second(options_);
    FAIL() << "it was not refused";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kOutputExists);
    EXPECT_THAT(error.what(), HasSubstr("another preannotate takes answers of these drafts"));
  }
}

TEST_F(ReviewSessionTest, AFolderWithoutDraftsIsLeftAsItIs) {
  options_.drafts = folder_ / "none";
  fs::create_directory(options_.drafts);
  EXPECT_THROW(ReviewSession second(options_), UserError);
  EXPECT_TRUE(fs::is_empty(options_.drafts));
}

TEST_F(ReviewSessionTest, WrongAnswersAreRefusedOneByOne) {
  const auto why = [&](const char* answer) {
    const Json request = {{"reviewer", "ann"},
                          {"answers", Json::array({parse_json(answer, "test")})}};
    const Json reply = session_->answers(request);
    return reply["refused"].empty() ? "" : reply["refused"][0]["why"].get<std::string>();
  };
  EXPECT_THAT(why(R"({"item":5,"action":"skipped"})"), HasSubstr("item 5 is not one of the 5"));
  EXPECT_THAT(why(R"({"item":-1,"action":"skipped"})"), HasSubstr("item -1"));
  EXPECT_THAT(why(R"({"item":0,"action":"gone"})"), HasSubstr("labels or skipped"));
  EXPECT_THAT(why(R"({"item":0,"action":"undone"})"), HasSubstr("labels or skipped"));
  EXPECT_THAT(why(R"({"item":0,"action":"labels","labels":[]})"), HasSubstr("exactly one class"));
  EXPECT_THAT(why(R"({"item":0,"action":"labels","labels":[{"category":0},{"category":1}]})"),
              HasSubstr("exactly one class"));
  EXPECT_THAT(why(R"({"item":0,"action":"labels","labels":[{"category":3}]})"),
              HasSubstr("not one of the 3"));
  EXPECT_THAT(why(R"({"item":0,"action":"labels","labels":[{"category":"ant"}]})"),
              HasSubstr("expected a whole number"));
  EXPECT_THAT(why(R"({"item":0,"action":"labels","labels":[{"category":0,"id":"x"}]})"),
              HasSubstr("none of the drafts"));
  EXPECT_THAT(why(R"({"item":0,"action":"skipped","seconds":-1})"), HasSubstr("below 0"));
  EXPECT_THAT(why("7"), HasSubstr("expected an object"));
  EXPECT_TRUE(logged().empty());
}

TEST_F(ReviewSessionTest, OneWrongAnswerDoesNotCostTheOthers) {
  Json request = class_answer("ann", 0, 1);
  request["answers"].push_back(class_answer("ann", 1, 9)["answers"][0]);
  request["answers"].push_back(class_answer("ann", 2, 2)["answers"][0]);
  request["answers"].push_back(class_answer("ann", 2, 1)["answers"][0]);
  const Json reply = session_->answers(request);
  ASSERT_EQ(reply["refused"].size(), 2u);
  EXPECT_EQ(reply["refused"][0]["item"], 1);
  EXPECT_THAT(reply["refused"][1]["why"].get<std::string>(), HasSubstr("stands twice"));
  EXPECT_EQ(reply["answered"], 2);
  EXPECT_EQ(logged().size(), 2u);
}

TEST_F(ReviewSessionTest, WrongRequestsChangeNothing) {
  const auto items = &ReviewSession::items;
  const auto answers = &ReviewSession::answers;
  EXPECT_THAT(error_of(Json::array(), items), HasSubstr("expected an object"));
  EXPECT_THAT(error_of(ask("", 1), items), HasSubstr("expected a name"));
  EXPECT_THAT(error_of(ask("  ", 1), items), HasSubstr("expected a name"));
  EXPECT_THAT(error_of(ask("a\nb", 1), items), HasSubstr("expected a name"));
  EXPECT_THAT(error_of(ask(std::string(101, 'a'), 1), items), HasSubstr("expected a name"));
  EXPECT_THAT(error_of(ask("ann", 0), items), HasSubstr("expected 1 to 500"));
  EXPECT_THAT(error_of(ask("ann", 501), items), HasSubstr("expected 1 to 500"));
  EXPECT_THAT(error_of(ask("ann", 1, "all"), items), HasSubstr("single or grid"));
  EXPECT_THAT(error_of(ask("ann", 1, "grid"), items), HasSubstr("needs field 'category'"));
  EXPECT_THAT(error_of(ask("ann", 1, "grid", 3), items), HasSubstr("one of the 3"));
  EXPECT_THAT(error_of({{"reviewer", "ann"}}, answers), HasSubstr("'answers' is missing"));
  EXPECT_THAT(error_of({{"reviewer", "ann"}, {"answers", 1}}, answers), HasSubstr("no list"));
  EXPECT_TRUE(logged().empty());
}

/// Boxes on 100 x 80 px.
class BoxSessionTest : public testing::Test {
 protected:
  void SetUp() override {
    write_draft_folder(folder_, "detect", kCategories,
                       {drafted_boxes("a.jpg", {draft_}), drafted_boxes("nothing.jpg", {})});
    session_ = std::make_unique<ReviewSession>(SessionOptions{.drafts = folder_});
  }
  /// What is logged of such labels; the reason when they are refused.
  std::string said(const std::string& labels) {
    const Json answer = {{"item", 0}, {"action", "labels"}, {"labels", parse_json(labels, "test")}};
    const Json reply = session_->answers({{"reviewer", "ann"}, {"answers", Json::array({answer})}});
    if (!reply["refused"].empty()) return reply["refused"][0]["why"];
    std::string text;
    for (const Label& label : logged(folder_, kCategories).back().labels) {
      const Box& box = *label.box;
      for (const float side : {box.x1, box.y1, box.x2, box.y2})
        text += std::to_string(static_cast<int>(side * 1000)) + " ";
      text += label.id + "\n";
    }
    return text;
  }
  const Label draft_{1, 0.5, Box{10.125f, 20.3f, 40.7f, 60.1f}, "d3f9a1c2e7b0"};
  fs::path folder_ = test_folder();
  std::unique_ptr<ReviewSession> session_;
};

TEST_F(BoxSessionTest, ADraftThatIsAcceptedIsTheDraftToTheLastDigit) {
  const Json shown = session_->items(ask("ann", 1))["items"][0]["drafts"];
  said(json_text(shown));
  const Answer answer = logged(folder_, kCategories).back();
  ASSERT_EQ(answer.labels.size(), 1u);
  EXPECT_EQ(answer.labels[0].box, answer.drafts[0].box);
  EXPECT_EQ(answer.labels[0].id, draft_.id);
  EXPECT_EQ(answer.labels[0].score, std::nullopt) << "it is a person's now";
}

TEST_F(BoxSessionTest, NothingThereIsAnAnswer) {
  EXPECT_EQ(said("[]"), "");
  EXPECT_EQ(session_->progress("ann")["answered"], 1);
}

TEST_F(BoxSessionTest, BoxesAreClippedToTheImage) {
  EXPECT_EQ(said(R"([{"category":0,"bbox":[-5,-5,20,1000]}])"), "0 0 15000 80000 \n");
}

TEST_F(BoxSessionTest, AMovedDraftKeepsItsId) {
  EXPECT_EQ(said(R"([{"category":1,"id":"d3f9a1c2e7b0","bbox":[11,20.5,30,40]}])"),
            "11000 20500 41000 60500 d3f9a1c2e7b0\n");
}

TEST_F(BoxSessionTest, BoxesThatAreNoneAreRefused) {
  EXPECT_THAT(said(R"([{"category":0,"bbox":[10,10,0.5,10]}])"), HasSubstr("less than 1 px"));
  EXPECT_THAT(said(R"([{"category":0,"bbox":[10,10,-20,10]}])"), HasSubstr("less than 1 px"));
  EXPECT_THAT(said(R"([{"category":0,"bbox":[100,10,20,10]}])"), HasSubstr("less than 1 px"));
  EXPECT_THAT(said(R"([{"category":0,"bbox":[-1e308,0,1e308,10]}])"), HasSubstr("less than 1 px"));
  EXPECT_THAT(said(R"([{"category":0,"bbox":[1,2,3]}])"), HasSubstr("3 numbers"));
  EXPECT_THAT(said(R"([{"category":0}])"), HasSubstr("'bbox' is missing"));
  EXPECT_THAT(said(R"([{"category":0,"id":"d3f9a1c2e7b0","bbox":[1,2,30,40]},)"
                   R"({"category":0,"id":"d3f9a1c2e7b0","bbox":[1,2,30,40]}])"),
              HasSubstr("stands twice"));
  EXPECT_TRUE(logged(folder_, kCategories).empty());
}

TEST_F(BoxSessionTest, SeveralBoxesOfAClassAreFine) {
  EXPECT_EQ(said(R"([{"category":0,"bbox":[1,2,3,4]},{"category":0,"bbox":[1,2,3,4]}])"),
            "1000 2000 4000 6000 \n1000 2000 4000 6000 \n");
}

TEST(SetSession, AnImageMayHaveAnySetOfClassesOnceEach) {
  const fs::path folder = test_folder();
  auto entry = drafted_class("a.jpg", 1, 0.3);
  write_draft_folder(folder, "multilabel", kCategories, {entry});
  ReviewSession session({.drafts = folder});
  Json request = class_answer("ann", 0, 1);
  request["answers"][0]["labels"].push_back({{"category", 1}});
  EXPECT_EQ(session.answers(request)["refused"].size(), 1u);
  request["answers"][0]["labels"][1]["category"] = 2;
  EXPECT_TRUE(session.answers(request)["refused"].empty());
  request["answers"][0]["labels"] = Json::array();
  EXPECT_TRUE(session.answers(request)["refused"].empty());
  EXPECT_EQ(session.overview()["grid"], false);
}

}  // namespace
}  // namespace preannotate
