#include "preannotate/data/answer_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/core/error.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing::HasSubstr;
using namespace testing_support;

const std::vector<std::string> kCategories = {"cat", "dog"};

Answer answer(std::string image, int category, std::string reviewer = "ann") {
  Answer answer;
  answer.at = "2026-11-28T12:00:00Z";
  answer.image = std::move(image);
  answer.sha256 = std::string(64, 'a');
  answer.reviewer = std::move(reviewer);
  answer.via = "review";
  answer.model_version = "0123456789ab";
  answer.drafts = {{0, 0.5, {}, "d3f9a1c2e7b0"}};
  answer.labels = {{category, {}, {}, "d3f9a1c2e7b0"}};
  answer.seconds = 1.25;
  return answer;
}

class AnswerLogTest : public testing::Test {
 protected:
  void append(const std::vector<Answer>& answers, std::vector<std::string> names = kCategories) {
    AnswerWriter(folder_).append(answers, names);
  }
  AnswerLog read() const { return read_answer_log(folder_, kCategories); }
  std::string error() const {
    try {
      read();
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  }
  std::filesystem::path folder_ = test_folder();
  std::filesystem::path file_ = folder_ / "review.jsonl";
};

TEST_F(AnswerLogTest, NoFileIsNoAnswer) {
  EXPECT_TRUE(read().answers.empty());
}

TEST_F(AnswerLogTest, AnswersReadBackAsTheyWere) {
  auto boxes = answer("sub/\u00e9.jpg", 1);
  boxes.labels.push_back({0, {}, Box{1, 2, 3.5, 4}, ""});
  boxes.labels.push_back({0, {}, Box{1, 2, 9, 9}, "", true, 0, "[[1,2,9,2,9,9]]"});
  auto skipped = answer("b.jpg", 0);
  skipped.action = "skipped";
  skipped.labels.clear();
  skipped.returned_sha256 = std::string(64, 'b');
  append({boxes, skipped});
  append({answer("c.jpg", 0)});
  EXPECT_EQ(read().answers, (std::vector{boxes, skipped, answer("c.jpg", 0)}));
}

TEST_F(AnswerLogTest, ACategoryThatPeopleAddedComesBehindTheDrafts) {
  append({answer("a.jpg", 2)}, {"cat", "dog", "hen"});
  EXPECT_EQ(read().categories, (std::vector<std::string>{"cat", "dog", "hen"}));
  EXPECT_EQ(read().answers[0].labels[0].category, 2);
}

TEST_F(AnswerLogTest, ALineThatAKillLeftHalfIsLeftOutAndThenCutOff) {
  append({answer("a.jpg", 0), answer("b.jpg", 1)});
  const auto whole = read_text(file_);
  write_text(file_, whole.substr(0, whole.size() - 10));
  EXPECT_EQ(read().answers.size(), 1u);
  append({answer("c.jpg", 0)});
  ASSERT_EQ(read().answers.size(), 2u);
  EXPECT_EQ(read().answers[1].image, "c.jpg");
}

TEST_F(AnswerLogTest, FaultsNameFileAndLine) {
  append({answer("a.jpg", 0), answer("b.jpg", 1)});
  auto text = read_text(file_);
  text.replace(text.find("b.jpg"), 5, "x.jpg");
  write_text(file_, text);
  EXPECT_THAT(error(), HasSubstr("review.jsonl:2: does not fit its checksum"));
  write_text(file_, "{\"image\":\"../a.jpg\"}\n");
  EXPECT_THAT(error(), HasSubstr("review.jsonl:1: unsafe_path"));
  write_text(file_, "[1]\n");
  EXPECT_THAT(error(), HasSubstr("review.jsonl:1"));
}

TEST_F(AnswerLogTest, OneProgramWritesAtATime) {
  const AnswerWriter first(folder_);
  EXPECT_THROW(AnswerWriter{folder_}, UserError);
}

TEST_F(AnswerLogTest, TheLastWordOnAnImageStands) {
  auto undone = answer("b.jpg", 0);
  undone.action = "undone";
  auto skipped = answer("a.jpg", 0);
  skipped.action = "skipped";
  auto honeypot = answer("a.jpg", 0);
  honeypot.shown = "honeypot";
  auto audited = answer("c.jpg", 0);
  audited.purpose = "audit";
  append({answer("a.jpg", 0), answer("b.jpg", 1), answer("c.jpg", 1), answer("a.jpg", 1, "bob"),
          skipped, honeypot, undone, audited});
  const auto standing = standing_answers(read());
  ASSERT_EQ(standing.size(), 2u);
  EXPECT_EQ(standing.at("a.jpg").reviewer, "bob");
  EXPECT_EQ(standing.at("c.jpg").labels[0].category, 0);
  EXPECT_EQ(standing_answers(read(), false).at("c.jpg").labels[0].category, 1);
}

}  // namespace
}  // namespace preannotate
