// update, runs and predict --keep-answers, as a person at the command line meets them.

#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/data/ledger.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace testing_support;

void expect_narrow(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

class UpdateCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    world_ = make_world(folder_ / "world", 6, 80);
    fs::create_directories(folder_ / "runs");
    fs::copy(trained_world().run, folder_ / "runs" / "r1", fs::copy_options::recursive);
    draft({});
    read_truth();
  }

  Outcome draft(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{
        "predict",  "--model", "runs/r1",   "--source", world_.unlabelled.string(),
        "--output", "drafts",  "--formats", "csv",      "--workers",
        "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(folder_, arguments);
  }

  /// The first half of the images is answered, the other half judges.
  void read_truth() {
    std::istringstream lines(read_text(world_.truth));
    std::string line, gold = "path,label\n";
    for (std::getline(lines, line); std::getline(lines, line);) {
      truth_.emplace_back(line.substr(0, line.find(',')), line.substr(line.find(',') + 1));
      if (truth_.size() > 40) gold += "unlabelled/" + line + "\n";
    }
    truth_.resize(40);
    write_text(world_.folder / "gold.csv", gold);
  }

  /// Blind answers, each `wrong_each`-th with another class; 0: none.
  void answer(size_t wrong_each) {
    const std::vector<std::string> categories{"blue", "green", "red"};
    std::map<std::string, std::string> content;
    LedgerReader ledger(folder_ / "drafts" / "drafts.jsonl", categories);
    while (const auto entry = ledger.next()) content[entry->sample.image] = entry->sha256;
    std::vector<Answer> answers;
    for (size_t i = 0; i < truth_.size(); ++i) {
      Answer answer;
      answer.at = utc_now();
      answer.image = truth_[i].first;
      answer.sha256 = content.at(answer.image);
      answer.reviewer = "ann";
      answer.shown = "blind";
      int label = category_index(categories, truth_[i].second);
      if (wrong_each > 0 && i % wrong_each == 0) label = (label + 1) % 3;
      answer.labels.push_back({label, {}, {}, ""});
      answers.push_back(std::move(answer));
    }
    AnswerWriter(folder_ / "drafts").append(answers, categories);
  }

  Outcome update(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"update",
                                       "--model",
                                       "runs/r1",
                                       "--reviewed",
                                       "drafts",
                                       "--data",
                                       world_.seed.string(),
                                       "--gold",
                                       (world_.folder / "gold.csv").string(),
                                       "--output",
                                       "runs/r2",
                                       "--workers",
                                       "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(folder_, arguments);
  }

  fs::path folder_ = test_folder();
  World world_;
  std::vector<std::pair<std::string, std::string>> truth_;  // of the images to answer
};

TEST_F(UpdateCommandTest, PromotesListsAndHasNothingNewToLearn) {
  answer(0);
  const auto outcome = update();
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("verdict  promoted: accuracy on the gold set"),
                                 HasSubstr("learned  58 images: 18 seed, 40 blind\n"),
                                 HasSubstr("current  runs/current leads to it now\n")));
  expect_narrow(outcome.out);
  EXPECT_EQ(fs::read_symlink(folder_ / "runs" / "current"), "r2");

  const auto again = update({"--json"});
  EXPECT_THAT(again, Exits(0));
  EXPECT_EQ(parse_json(again.out, "out").at("outcome"), "nothing new");

  const auto listed = run_program(folder_, {"runs", "runs"});
  EXPECT_THAT(listed, Exits(0));
  EXPECT_THAT(listed.out, AllOf(HasSubstr("trained\n"), HasSubstr("promoted, current\n")));
  expect_narrow(listed.out);
  const auto back = run_program(folder_, {"runs", "runs", "--use", "r1", "--json"});
  EXPECT_EQ(parse_json(back.out, "out").at("current"), "r1");
  EXPECT_EQ(fs::read_symlink(folder_ / "runs" / "current"), "r1");
}

TEST_F(UpdateCommandTest, RefusesWrongAnswersWithOneAndSaysWhy) {
  answer(2);
  const auto outcome = update({"--max-wrong-answers", "0.2"});
  EXPECT_THAT(outcome, Exits(1));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("verdict  refused: "), Not(HasSubstr("current  "))));
  EXPECT_THAT(outcome.err, HasSubstr("refused, the old run stays: "));
  expect_narrow(outcome.out);
  EXPECT_FALSE(fs::exists(folder_ / "runs" / "current"));
  const auto listed = run_program(folder_, {"runs", "runs"});
  EXPECT_THAT(listed.out, HasSubstr("refused\n"));
  expect_narrow(listed.out);
}

TEST_F(UpdateCommandTest, ShareOutOfRangeAndMissingFoldersAreSaid) {
  EXPECT_THAT(run_in_process(folder_, {"update", "--model", "runs/r1", "-o", "r"}), Exits(2));
  const auto nowhere = run_program(folder_, {"runs", "nowhere"});
  EXPECT_THAT(nowhere, Exits(4));
  EXPECT_THAT(nowhere.err, HasSubstr("nowhere holds no runs"));
  const auto no_drafts = update({"--reviewed", "world"});
  EXPECT_THAT(no_drafts, Exits(2));
  EXPECT_THAT(no_drafts.err, HasSubstr("holds no drafts"));
}

/// Killed at any time: the answers are there, and what was drafted is the old or the new.
TEST_F(UpdateCommandTest, AKillWhileDraftingAnewCostsNoAnswer) {
  answer(0);
  const auto answers = read_text(folder_ / "drafts" / "review.jsonl");
  const std::vector<std::string> arguments{
      "predict",   "--model", "runs/r1",       "--source",  world_.unlabelled.string(),
      "--output",  "drafts",  "--tta",         "--formats", "csv",
      "--workers", "1",       "--keep-answers"};
  for (const int ms : {0, 200, 400, 500, 600, 700, 800, 1000}) {
    RunningProgram running(folder_, arguments);
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    running.send(SIGKILL);
    running.wait();
    EXPECT_EQ(read_text(folder_ / "drafts" / "review.jsonl"), answers) << ms;
    EXPECT_TRUE(fs::exists(folder_ / "drafts" / "csv" / "labels.csv")) << ms;
  }
  EXPECT_THAT(run_program(folder_, arguments), Exits(0));
  EXPECT_EQ(read_text(folder_ / "drafts" / "review.jsonl"), answers);
  EXPECT_EQ(read_json(folder_ / "drafts" / "summary.json").at("answered"), 40);
}

}  // namespace
}  // namespace preannotate
