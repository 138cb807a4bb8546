#include "preannotate/data/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/data/drafts.h"
#include "preannotate/data/fit.h"
#include "preannotate/data/format.h"
#include "preannotate/data/ledger.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace testing_support;

std::vector<std::string> box_formats() {
  std::vector<std::string> names;
  for (const auto* format : dataset_formats()) {
    if (format->holds.boxes) names.emplace_back(format->name);
  }
  return names;
}

/// From any format of boxes to any other.
class ConvertPairTest : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(ConvertPairTest, KeepsWhatBothCanHold) {
  const auto& [from, to] = GetParam();
  const auto root = test_folder();
  const auto drafts = fitted(outlined_drafts(), format_named(from)).dataset;
  const auto expected = fitted(drafts, format_named(to)).dataset;
  fs::create_directories(root / "from");
  format_named(from).write(drafts, root / "from");
  const auto result = convert({root / "from", root / "to", "", to, {}});
  EXPECT_EQ(result.from_format, from);
  EXPECT_EQ(result.images, expected.samples.size());
  const auto after = read_dataset(root / "to", "");
  EXPECT_EQ(after.categories, expected.categories);
  ASSERT_EQ(after.samples.size(), expected.samples.size());
  for (size_t i = 0; i < expected.samples.size(); ++i) {
    EXPECT_EQ(after.samples[i].image, expected.samples[i].image);
    const auto &found = after.samples[i].labels, &wanted = expected.samples[i].labels;
    ASSERT_EQ(found.size(), wanted.size());
    for (size_t k = 0; k < wanted.size(); ++k) {
      EXPECT_EQ(found[k].category, wanted[k].category);
      EXPECT_EQ(found[k].score, wanted[k].score);
      EXPECT_EQ(found[k].segmentation, wanted[k].segmentation);
      ASSERT_EQ(found[k].box.has_value(), wanted[k].box.has_value());
      if (wanted[k].box) {
        EXPECT_NEAR(found[k].box->x1, wanted[k].box->x1, 0.01);
        EXPECT_NEAR(found[k].box->y2, wanted[k].box->y2, 0.01);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ConvertPairTest,
                         testing::Combine(testing::ValuesIn(box_formats()),
                                          testing::ValuesIn(box_formats())),
                         [](const auto& info) {
                           return std::get<0>(info.param) + "_to_" + std::get<1>(info.param);
                         });

class ConvertTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root_ / "from");
    format_named("coco").write(boxed_drafts(), root_ / "from");
  }
  fs::path root_ = test_folder();
};

TEST_F(ConvertTest, SaysWhatTheTargetCannotHold) {
  const auto result = convert({root_ / "from", root_ / "to", "", "csv", {}});
  EXPECT_THAT(result.losses, ElementsAre(HasSubstr("1 regions of many objects"),
                                         HasSubstr("3 boxes become the classes")));
}

TEST_F(ConvertTest, AFolderThatIsThereIsNeverReplaced) {
  write_text(root_ / "to" / "letter.txt", "dear");
  EXPECT_THROW(convert({root_ / "from", root_ / "to", "", "csv", {}}), UserError);
  EXPECT_EQ(read_text(root_ / "to" / "letter.txt"), "dear");
}

// Row 83.
TEST_F(ConvertTest, CategoriesAreRenamedAndJoined) {
  convert({root_ / "from", root_ / "to", "", "coco", {{"red cell", "cell"}}});
  EXPECT_THAT(read_dataset(root_ / "to", "").categories, ElementsAre("cell", "<b>\"it's\" & more"));
  convert({root_ / "to", root_ / "joined", "", "coco", {{"<b>\"it's\" & more", "cell"}}});
  EXPECT_THAT(read_dataset(root_ / "joined", "").categories, ElementsAre("cell"));
  try {
    convert({root_ / "to", root_ / "wrong", "", "coco", {{"sell", "x"}}});
    FAIL() << "was taken";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'cell'?"));
  }
  EXPECT_FALSE(fs::exists(root_ / "wrong"));
}

TEST_F(ConvertTest, NothingThatCanBeHeldIsAnError) {
  Dataset classes = boxed_drafts();
  classes.samples = {classes.samples[2]};
  fs::create_directories(root_ / "classes");
  format_named("coco").write(classes, root_ / "classes");
  try {
    convert({root_ / "classes", root_ / "to", "", "yolo", {}});
    FAIL() << "was taken";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kBadInput);
    EXPECT_THAT(error.what(), HasSubstr("nothing of it can be held by yolo"));
  }
}

TEST_F(ConvertTest, ADraftsFolderIsReadByItsLedger) {
  const auto drafts = boxed_drafts();
  std::string lines;
  for (const Sample& sample : drafts.samples) {
    LedgerEntry entry;
    entry.sample = sample;
    entry.status = sample.labels.empty() ? "empty" : "done";
    if (sample.bucket.empty()) entry.sample.bucket = "review";
    lines += ledger_line(entry, drafts.categories) + "\n";
  }
  LedgerEntry skipped;
  skipped.sample.image = "z.jpg";
  skipped.status = "skipped";
  skipped.reason = "truncated";
  lines += ledger_line(skipped, drafts.categories) + "\n";
  write_text(root_ / "drafts" / "drafts.jsonl", lines);
  write_text(root_ / "drafts" / "run.json",
             R"({"categories": ["red cell", "<b>\"it's\" & more"], "model_version": "0123456789ab",
                 "task": "detect", "source": ["pictures"]})");
  const auto read = read_drafts(root_ / "drafts");
  EXPECT_EQ(read.samples.size(), drafts.samples.size());
  EXPECT_EQ(read.image_root, "pictures");
  const auto result = convert({root_ / "drafts", root_ / "to", "", "cvat", {}});
  EXPECT_EQ(result.from_format, "drafts");
  EXPECT_EQ(read_dataset(root_ / "to", "").model_version, "0123456789ab");
}

TEST_F(ConvertTest, WhatPeopleSaidOfDraftsIsWrittenAsTheirs) {
  Dataset drafts;
  drafts.categories = {"cat", "dog"};
  drafts.samples = {draft("a.jpg", {{0, 0.5}}), draft("b.jpg", {{0, 0.5}})};
  std::string lines;
  for (const Sample& sample : drafts.samples) {
    LedgerEntry entry{sample, std::string(64, 'a'), 1, "done"};
    lines += ledger_line(entry, drafts.categories) + "\n";
  }
  write_text(root_ / "drafts" / "drafts.jsonl", lines);
  write_text(root_ / "drafts" / "run.json",
             R"({"categories": ["cat", "dog"], "model_version": "0123456789ab",
                 "task": "classify", "source": ["pictures"]})");
  Answer answer;
  answer.at = utc_now();
  answer.image = "b.jpg";
  answer.labels = {{2, {}, {}, ""}};
  AnswerWriter(root_ / "drafts").append(std::span(&answer, 1), {"cat", "dog", "hen"});

  convert({root_ / "drafts", root_ / "coco", "", "coco", {}});
  const auto coco = parse_json(read_text(root_ / "coco" / "annotations.json"), "coco");
  EXPECT_EQ(coco["annotations"][0]["attributes"]["source"], "auto");
  EXPECT_EQ(coco["annotations"][1]["attributes"]["source"], "manual");
  EXPECT_FALSE(coco["annotations"][1]["attributes"].contains("model_version"));
  EXPECT_EQ(coco["annotations"][1]["category_id"], 3);

  convert({root_ / "drafts", root_ / "tasks", "", "label_studio", {}});
  const auto tasks = parse_json(read_text(root_ / "tasks" / "tasks.json"), "tasks");
  EXPECT_TRUE(tasks[0].contains("predictions"));
  EXPECT_FALSE(tasks[1].contains("predictions"));
  EXPECT_EQ(tasks[1]["annotations"][0]["result"][0]["value"]["choices"][0], "hen");
}

}  // namespace
}  // namespace preannotate
