#include "preannotate/review/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "draft_folder.h"
#include "preannotate/core/error.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

Label box(int category, float x, bool crowd = false) {
  Label label{category, std::nullopt, Box{x, 0, x + 10, 10}, ""};
  label.crowd = crowd;
  return label;
}

TEST(NeedsNoEditTest, ComparesClassesAsSets) {
  const Label ant{0, {}, {}, ""}, bee{1, {}, {}, ""};
  EXPECT_TRUE(needs_no_edit({ant}, {ant}, "classify", 0.7));
  EXPECT_FALSE(needs_no_edit({ant}, {bee}, "classify", 0.7));
  EXPECT_TRUE(needs_no_edit({ant, bee}, {bee, ant}, "multilabel", 0.7));
  EXPECT_FALSE(needs_no_edit({ant}, {ant, bee}, "multilabel", 0.7));
  EXPECT_TRUE(needs_no_edit({}, {}, "multilabel", 0.7));
}

TEST(NeedsNoEditTest, AsksEveryBoxForItsPartner) {
  EXPECT_TRUE(needs_no_edit({box(0, 0), box(1, 50)}, {box(1, 50), box(0, 1)}, "detect", 0.7));
  EXPECT_FALSE(needs_no_edit({box(0, 0)}, {box(1, 0)}, "detect", 0.7)) << "another class";
  EXPECT_FALSE(needs_no_edit({box(0, 0)}, {box(0, 3)}, "detect", 0.7)) << "IoU 7/13";
  EXPECT_TRUE(needs_no_edit({box(0, 0)}, {box(0, 3)}, "detect", 0.5));
  EXPECT_FALSE(needs_no_edit({box(0, 0), box(0, 50)}, {box(0, 0)}, "detect", 0.7)) << "too many";
  EXPECT_FALSE(needs_no_edit({box(0, 0)}, {box(0, 0), box(0, 50)}, "detect", 0.7)) << "one missed";
  EXPECT_TRUE(needs_no_edit({}, {}, "detect", 0.7));
  EXPECT_TRUE(needs_no_edit({}, {box(0, 0, true)}, "detect", 0.7)) << "a crowd asks for nothing";
}

class AnswersTest : public testing::Test {
 protected:
  void SetUp() override {
    write_draft_folder(folder_ / "drafts", "classify", world_.categories, world_.entries);
  }
  Answers read(const std::string& text, bool add_classes = false) {
    write_text(folder_ / "answers.csv", text);
    return read_answers(folder_ / "answers.csv", "", read_draft_set(folder_ / "drafts"),
                        add_classes);
  }
  std::string error_of(const std::string& text) {
    try {
      read(text);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }
  fs::path folder_ = test_folder();
  DraftedWorld world_ = drafted_world(4, 0, 1);
};

TEST_F(AnswersTest, GoByTheDraftsCategoriesAndSkipEmptyLines) {
  const auto answers = read("path,label\nimg/0003.jpg,cow\nimg/0000.jpg,\nimg/0001.jpg,ant\n");
  ASSERT_EQ(answers.labels.size(), 2u);
  EXPECT_EQ(answers.labels.at("img/0003.jpg").at(0).category, 2);
  EXPECT_EQ(answers.labels.at("img/0001.jpg").at(0).category, 0);
}

TEST_F(AnswersTest, AnUnknownClassIsNoWrongDraft) {
  EXPECT_THAT(error_of("path,label\nimg/0000.jpg,beee\n"),
              HasSubstr("class 'beee' is not among the drafts' 3 (ant, bee, cow); did you mean "
                        "'bee'?"));
  const auto answers = read("path,label\nimg/0000.jpg,dog\n", true);
  EXPECT_EQ(answers.labels.at("img/0000.jpg").at(0).category, 3);
  EXPECT_EQ(answers.added, std::vector<std::string>{"dog"});
}

TEST_F(AnswersTest, SeveralClassesForOneAreAnError) {
  EXPECT_THAT(error_of("path,label\nimg/0000.jpg,ant;bee\n"), HasSubstr("has 2 labels"));
}

TEST_F(AnswersTest, ImagesOfAnotherFolderAreNamed) {
  EXPECT_THAT(error_of("path,label\nother/0000.jpg,ant\n"), HasSubstr("none of its images is in"));
  const auto answers = read("path,label\nother.jpg,ant\nimg/0000.jpg,ant\n");
  EXPECT_EQ(answers.foreign, std::vector<std::string>{"other.jpg"});
}

}  // namespace
}  // namespace preannotate
