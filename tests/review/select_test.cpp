#include "preannotate/review/select.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "draft_folder.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/format.h"
#include "preannotate/review/answers.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/selection.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

class SelectTest : public testing::Test {
 protected:
  void SetUp() override {
    write_draft_folder(drafts_, "classify", world_.categories, world_.entries);
    options_.drafts = drafts_;
    options_.purpose = "certify";
    options_.budget = 50;
    options_.seed = 1;
  }
  Selection chosen(const std::string& name) {
    return read_selection(drafts_, name, world_.categories);
  }
  std::string error_of(const SelectOptions& options) {
    try {
      select_images(options);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }
  fs::path drafts_ = test_folder() / "drafts";
  DraftedWorld world_ = drafted_world(400, 0.3, 7);
  SelectOptions options_;
};

TEST_F(SelectTest, ABlindSampleIsUniformAndShowsNoDraft) {
  options_.formats = {"label_studio", "coco"};
  const auto result = select_images(options_);
  EXPECT_EQ(result.images, 50u);
  EXPECT_EQ(result.pool, 400u);
  const auto selection = chosen("certify");
  const std::set<std::string> distinct(selection.images.begin(), selection.images.end());
  EXPECT_EQ(distinct.size(), 50u);
  const std::string csv = read_text(result.folder / "answers.csv");
  EXPECT_THAT(csv, HasSubstr(selection.images.front() + ",,,,\n"));
  EXPECT_LT(csv.find(selection.images[0]), csv.find(selection.images[1])) << "in the random order";
  for (const char* word : {"ant", "bee", "cow", "0.9"})
    EXPECT_THAT(csv, testing::Not(HasSubstr(word)));
  const auto coco = read_json(result.folder / "coco" / "annotations.json");
  EXPECT_EQ(coco["images"].size(), 50u);
  EXPECT_TRUE(coco["annotations"].empty());
  EXPECT_THAT(read_text(result.folder / "images.txt"), HasSubstr("pictures/img/"));
}

TEST_F(SelectTest, EachImageIsDrawnAsOften) {
  std::map<std::string, int> drawn;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    options_.seed = seed;
    options_.force = true;
    select_images(options_);
    for (const auto& image : chosen("certify").images) ++drawn[image];
  }
  // Binomial(64, 1/8): 8 on average; 0 or more than 22 have probability 2e-4 and 1e-6.
  EXPECT_GE(drawn.size(), 398u);
  for (const auto& [image, count] : drawn) EXPECT_LE(count, 22) << image;
}

TEST_F(SelectTest, WithoutASeedTwoSamplesDiffer) {
  options_.seed.reset();
  select_images(options_);
  options_.name = "second";
  select_images(options_);
  EXPECT_NE(chosen("certify").images, chosen("second").images);
}

TEST_F(SelectTest, FilledAnswersAreNotReplaced) {
  const auto result = select_images(options_);
  EXPECT_THAT(error_of(options_), HasSubstr("exists"));
  options_.force = true;
  select_images(options_);  // nothing is filled in yet
  write_text(result.folder / "answers.csv", "path,label\nimg/0001.jpg,ant\n");
  EXPECT_THAT(error_of(options_), HasSubstr("has been filled in"));
  EXPECT_EQ(read_text(result.folder / "answers.csv"), "path,label\nimg/0001.jpg,ant\n");
}

TEST_F(SelectTest, ADamagedRecordIsNamed) {
  const auto result = select_images(options_);
  const fs::path file = result.folder / "selection.json";
  const std::string whole = read_text(file);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"seed\": \"1\"", "\"seed\": \"one\""},
           {"\"pool\": 400", "\"pool\": -4"},
           {"\"honeypots\": []", "\"honeypots\": 3"}}) {
    std::string damaged = whole;
    ASSERT_NE(damaged.find(from), damaged.npos) << from;
    write_text(file, damaged.replace(damaged.find(from), from.size(), to));
    try {
      chosen("certify");
      ADD_FAILURE() << to;
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      EXPECT_THAT(error.what(), HasSubstr("selection.json"));
    }
  }
}

TEST_F(SelectTest, WrongUseIsNamed) {
  auto options = options_;
  options.purpose = "certfy";
  EXPECT_THAT(error_of(options), HasSubstr("did you mean 'certify'?"));
  options = options_;
  options.honeypots = 0.1;
  EXPECT_THAT(error_of(options), HasSubstr("--honeypots is for --for review"));
  options = options_;
  options.name = "../elsewhere";
  EXPECT_THAT(error_of(options), HasSubstr("expected a plain name"));
  EXPECT_FALSE(fs::exists(drafts_ / "selections"));
}

TEST_F(SelectTest, ReviewTakesTheLeastSureDraftsAndPlantsWrongOnes) {
  std::vector<std::string> gold;
  for (size_t i = 300; i < 360; ++i) gold.push_back(world_.entries[i].sample.image);
  write_text(drafts_.parent_path() / "gold.csv", answers_csv(world_, gold));
  options_.purpose = "review";
  options_.honeypots = 0.2;
  options_.gold = drafts_.parent_path() / "gold.csv";
  options_.formats = {"csv"};
  const auto result = select_images(options_);
  EXPECT_EQ(result.planted_wrong, 10u);
  EXPECT_EQ(result.planted_right, 5u);
  const auto selection = chosen("review");
  EXPECT_EQ(selection.images.size(), 50u);
  size_t least_sure = 0;
  for (const auto& image : selection.images) least_sure += image < "img/0035.jpg";
  EXPECT_EQ(least_sure, 35u);
  for (const auto& honeypot : selection.honeypots)
    EXPECT_EQ(needs_no_edit(honeypot.labels, honeypot.truth, "classify", 0.7), honeypot.right);
  // What a reviewer gets shows the planted label with a score, an id and bucket like any other.
  const auto shown = read_dataset(result.folder / "csv", "csv");
  for (const auto& sample : shown.samples) {
    EXPECT_EQ(sample.bucket, "review");
    EXPECT_TRUE(sample.labels.at(0).score.has_value());
    EXPECT_EQ(sample.labels.at(0).id.size(), 12u);
  }
  EXPECT_FALSE(fs::exists(result.folder / "answers.csv"));
}

TEST_F(SelectTest, TooLittleGoldIsSaid) {
  write_text(drafts_.parent_path() / "gold.csv", answers_csv(world_, {"img/0001.jpg"}));
  options_.purpose = "review";
  options_.honeypots = 0.2;
  options_.gold = drafts_.parent_path() / "gold.csv";
  EXPECT_THAT(error_of(options_), HasSubstr("only 1 images of the drafts have a label here"));
}

TEST(SelectBoxesTest, APlantedBoxIsShiftedToHalfAnOverlap) {
  const fs::path folder = test_folder();
  std::vector<LedgerEntry> entries;
  for (int i = 0; i < 12; ++i) {
    LedgerEntry entry;
    entry.sample.image = "a" + std::to_string(10 + i) + ".jpg";
    entry.sample.width = entry.sample.height = 100;
    entry.sample.bucket = "review";
    entry.sample.labels = {{0, 0.8, Box{60, 10, 99, 49}, "00000000000b"}};
    entry.sha256 = "ab";
    entry.status = "done";
    entries.push_back(entry);
  }
  write_draft_folder(folder / "drafts", "detect", {"cell"}, entries);
  Dataset gold;
  gold.categories = {"cell"};
  for (const auto& entry : entries) gold.samples.push_back(entry.sample);
  fs::create_directories(folder / "gold");
  format_named("coco").write(gold, folder / "gold");
  SelectOptions options;
  options.drafts = folder / "drafts";
  options.purpose = "review";
  options.budget = 10;
  options.honeypots = 0.3;
  options.gold = folder / "gold";
  options.seed = 2;
  EXPECT_EQ(select_images(options).planted_wrong, 3u);
  for (const auto& honeypot : read_selection(folder / "drafts", "review", {"cell"}).honeypots) {
    if (honeypot.right) continue;
    const Box box = *honeypot.labels.at(0).box;
    EXPECT_NEAR(iou(box, Box{60, 10, 99, 49}), 0.5, 1e-3);
    EXPECT_GE(box.x1, 0);
    EXPECT_LE(box.x2, 100);
  }
}

}  // namespace
}  // namespace preannotate
