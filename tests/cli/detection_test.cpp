#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/program.h"
#include "pipeline/boxed_world.h"
#include "preannotate/core/json.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

/// A detector, from outside.
class DetectionProgram : public testing::Test {
 protected:
  std::vector<std::string> train_words(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"train",
                                   "--data",
                                   world_.seed.string(),
                                   "--output",
                                   "run",
                                   "--backbone",
                                   world_.backbone.string(),
                                   "--trust-backbone",
                                   "--imgsz",
                                   "96",
                                   "--steps",
                                   "40",
                                   "--augment",
                                   "none"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Outcome train(const std::vector<std::string>& more = {}) const {
    return run_program(folder_, train_words(more));
  }
  Outcome predict(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{
        "predict", "--model", "run", "--source", world_.unlabelled.string(), "--output", "drafts"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(folder_, words);
  }
  Outcome evaluate(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"evaluate", "--data", world_.truth.string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(folder_, words);
  }

  fs::path folder_ = test_folder();
  BoxedWorld world_ = make_boxed_world(folder_ / "world", 9, 5);
};

void expect_narrow(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 79u) << line;
}

TEST_F(DetectionProgram, ASessionSaysWhatItDid) {
  const auto trained = train();
  ASSERT_THAT(trained, Exits(0));
  EXPECT_THAT(trained.out, AllOf(HasSubstr("quality  AP50"), HasSubstr("3-fold out-of-fold"),
                                 HasSubstr("next     preannotate predict --model run")));
  EXPECT_THAT(trained.err, AllOf(HasSubstr("task: detect, the labels have boxes"),
                                 HasSubstr("96 x 64 px"), HasSubstr("steps: 100 of 100 (100 %)"),
                                 HasSubstr("loss"), Not(HasSubstr("\r"))));

  const auto drafted = predict({"--formats", "coco,label_studio,voc,csv", "--conf", "0.25"});
  ASSERT_THAT(drafted, Exits(0));
  EXPECT_THAT(drafted.out, AllOf(HasSubstr("5 found"), HasSubstr("buckets"),
                                 HasSubstr("shown    from score 0.25 blue, 0.25 red")));
  for (const char* format : {"coco", "label_studio", "voc", "csv"}) {
    EXPECT_TRUE(fs::is_directory(folder_ / "drafts" / format)) << format;
  }

  const auto judged = evaluate({"--drafts", "drafts"});
  ASSERT_THAT(judged, Exits(0));
  EXPECT_THAT(judged.out, AllOf(HasSubstr("objects   AP50     AP   conf precis. recall"),
                                HasSubstr("blue"), HasSubstr("red"), HasSubstr("5 images")));
  expect_narrow(judged.out.substr(0, judged.out.rfind("AP50")));
  EXPECT_THAT(trained.out + trained.err + drafted.out + drafted.err + judged.out + judged.err,
              Not(HasSubstr("nan")));

  const auto gate = evaluate({"--model", "run", "--json", "--fail-under", "map50=1.01,map=0"});
  EXPECT_THAT(gate, Exits(1));
  EXPECT_EQ(parse_json(gate.out, "stdout").at("below").size(), 1u);
  EXPECT_THAT(gate.err, HasSubstr("is under 1.01"));
}

TEST_F(DetectionProgram, WithoutFoldsThereIsNoQualityEstimate) {
  const auto trained = train({"--folds", "0"});
  ASSERT_THAT(trained, Exits(0));
  EXPECT_THAT(trained.out, HasSubstr("quality  no quality estimate: "));
}

TEST_F(DetectionProgram, WhatCannotBeDoneEndsWithItsCode) {
  EXPECT_THAT(train({"--cost", "nowhere.json"}), Exits(2));
  EXPECT_THAT(train({"--imgsz", "90"}), Exits(2));
  EXPECT_THAT(train({"--task", "detekt"}), Exits(2));
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  ASSERT_THAT(train({"--folds", "0"}), Exits(0));
  const auto again = train();
  EXPECT_THAT(again, Exits(8));
  EXPECT_THAT(again.err, HasSubstr("run exists"));
  EXPECT_THAT(evaluate({"--model", "run", "--fail-under", "map5=1"}), Exits(2));
  EXPECT_THAT(evaluate({"--model", "run", "--cost", "nowhere.json"}), Exits(2));
  const auto drafts = evaluate({"--drafts", "run"});
  EXPECT_THAT(drafts, Exits(4));
  EXPECT_THAT(drafts.err, HasSubstr("holds no drafts"));
  fs::remove(folder_ / "run" / "head.pt");
  EXPECT_THAT(predict(), Exits(5));
  EXPECT_FALSE(fs::exists(folder_ / "drafts"));
}

TEST_F(DetectionProgram, AMissingImageEndsWithItsOwnCode) {
  fs::remove(world_.seed.parent_path() / "01.png");
  const auto trained = train({"--folds", "0"});
  EXPECT_THAT(trained, Exits(3));
  EXPECT_THAT(trained.err, AllOf(HasSubstr("01.png"), HasSubstr("image_missing")));
  EXPECT_THAT(train({"--folds", "0", "--force", "--allow-skipped"}), Exits(0));
}

// Row 60.
TEST_F(DetectionProgram, KilledAndResumedDraftsTheSameBoxes) {
  ASSERT_THAT(train({"--folds", "0"}), Exits(0));
  for (int copy = 0; copy < 8; ++copy)
    fs::copy(world_.unlabelled, world_.unlabelled / ("copy" + std::to_string(copy)));
  const std::vector<std::string> more = {"--batch", "2", "--workers", "1", "-q"};
  ASSERT_THAT(predict(more), Exits(0));
  const auto without_times = [&] {
    auto files = content_of(folder_ / "drafts");
    files.erase("summary.json");
    return files;
  };
  const auto whole = without_times();
  fs::remove_all(folder_ / "drafts");
  std::vector<std::string> words{
      "predict", "--model", "run", "--source", world_.unlabelled.string(), "--output", "drafts"};
  words.insert(words.end(), more.begin(), more.end());
  {
    RunningProgram run(folder_, words);
    const auto ledger = folder_ / ".drafts.partial" / "drafts.jsonl";
    while (!run.ended() && !(fs::exists(ledger) && fs::file_size(ledger) > 0)) usleep(500);
    run.send(SIGKILL);
    run.wait();
  }
  ASSERT_FALSE(fs::exists(folder_ / "drafts"));
  words.push_back("--resume");
  EXPECT_THAT(run_program(folder_, words), Exits(0));
  EXPECT_EQ(without_times(), whole);
}

}  // namespace
}  // namespace preannotate
