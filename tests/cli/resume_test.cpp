// Runs that are killed, interrupted or doubled, and what a later run makes of what they left.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "preannotate/core/random.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

constexpr int kCopies = 12;  // of the world's images: a run that takes long enough to be stopped

class ResumeTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(source_);
    for (int copy = 0; copy < kCopies; ++copy) {
      fs::copy(trained_world().world.unlabelled, source_ / std::to_string(copy),
               fs::copy_options::recursive);
    }
    write_text(source_ / "0" / "text.jpg", "no image");
    fs::create_symlink("nowhere", source_ / "5" / "link.jpg");
  }

  std::vector<std::string> arguments(const std::vector<std::string>& more = {}) {
    auto all = predict_arguments(source_, "drafts", {"--batch", "2"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Outcome predict(const std::vector<std::string>& more = {}) {
    return run_program(folder_, arguments(more));
  }

  fs::path partial() const { return folder_ / ".drafts.partial"; }

  size_t lines() const {
    std::error_code error;
    const auto ledger = partial() / "drafts.jsonl";
    if (!fs::exists(ledger, error)) return 0;
    const auto text = read_text(ledger);
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  /// Waits until the run has recorded so many images, or has ended.
  void wait_for_lines(RunningProgram& run, size_t count) {
    while (!run.ended() && lines() < count) std::this_thread::sleep_for(1ms);
  }

  /// All that was written, but for the times.
  std::map<std::string, std::string> drafts() const {
    auto files = content_of(folder_ / "drafts");
    files.erase("summary.json");
    return files;
  }

  std::map<std::string, std::string> uninterrupted() {
    EXPECT_THAT(predict({"-q"}), Exits(3));  // the two bad ones
    auto files = drafts();
    fs::remove_all(folder_ / "drafts");
    return files;
  }

  fs::path folder_ = test_folder(), source_ = folder_ / "source";
};

TEST_F(ResumeTest, Row60KilledAtAnyMomentAndResumedGivesTheSameBytes) {
  const auto whole = uninterrupted();
  const char* asked = std::getenv("PREANNOTATE_KILLS");
  const int kills = asked ? std::atoi(asked) : 25;
  Random random(asked ? static_cast<std::uint64_t>(::getpid()) : 5);
  size_t resumed = 0, unfinished = 0;
  for (int kill = 0; kill < kills; ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    {
      RunningProgram run(folder_, arguments({"-q"}));
      wait_for_lines(run, random.below(12 * kCopies));
      std::this_thread::sleep_for(std::chrono::microseconds(random.below(3000)));
      run.send(SIGKILL);
      run.wait();
    }
    if (fs::exists(folder_ / "drafts")) {  // killed when all was done
      EXPECT_EQ(drafts(), whole);
      fs::remove_all(folder_ / "drafts");
      continue;
    }
    ++unfinished;
    const size_t before = lines();
    const auto outcome = predict({"--resume"});
    EXPECT_THAT(outcome, Exits(3));
    if (before > 0) {
      ++resumed;
      EXPECT_THAT(outcome.err, HasSubstr("going on behind"));
    }
    EXPECT_EQ(drafts(), whole);
    EXPECT_FALSE(fs::exists(partial()));
    fs::remove_all(folder_ / "drafts");
  }
  std::cout << "[   INFO   ] " << kills << " kills, " << unfinished << " before the end, "
            << resumed << " resumed\n";
  EXPECT_GT(resumed, static_cast<size_t>(kills) / 3);
}

TEST_F(ResumeTest, NoMoreThanABatchIsComputedAgain) {
  RunningProgram run(folder_, arguments({"-q"}));
  wait_for_lines(run, 41);
  run.send(SIGKILL);
  run.wait();
  ASSERT_GE(lines(), 41u);
  const size_t recorded = lines();
  const auto outcome = predict({"--resume"});
  const auto at = outcome.err.find("going on behind ");
  ASSERT_NE(at, outcome.err.npos) << outcome.err;
  const auto kept = std::stoul(outcome.err.substr(at + 16));
  EXPECT_GE(kept + 2 + 2, recorded) << "a batch of 2, and the two bad ones";
}

TEST_F(ResumeTest, ATornLastLineIsDropped) {
  const auto whole = uninterrupted();
  RunningProgram run(folder_, arguments({"-q"}));
  wait_for_lines(run, 30);
  run.send(SIGKILL);
  run.wait();
  const auto ledger = partial() / "drafts.jsonl";
  const auto text = read_text(ledger);
  write_text(ledger, text.substr(0, text.size() - 7));
  EXPECT_THAT(predict({"--resume"}), Exits(3));
  EXPECT_EQ(drafts(), whole);
}

TEST_F(ResumeTest, ADamagedLineAndAllBehindItAreComputedAgain) {
  const auto whole = uninterrupted();
  RunningProgram run(folder_, arguments({"-q"}));
  wait_for_lines(run, 30);
  run.send(SIGKILL);
  run.wait();
  const auto ledger = partial() / "drafts.jsonl";
  auto text = read_text(ledger);
  const auto digit = text.find("\"score\":0.", text.size() / 2) + 10;
  text[digit] = text[digit] == '1' ? '2' : '1';
  write_text(ledger, text);
  EXPECT_THAT(predict({"--resume"}), Exits(3));
  EXPECT_EQ(drafts(), whole);
}

TEST_F(ResumeTest, WhatAnInterruptedRunLeftIsNotThrownAwaySilently) {
  {
    RunningProgram run(folder_, arguments({"-q"}));
    wait_for_lines(run, 10);
    run.send(SIGKILL);
  }
  const auto outcome = predict();
  EXPECT_THAT(outcome, Exits(8));
  EXPECT_THAT(outcome.err, HasSubstr("add --resume to go on from there, or --force"));
  EXPECT_GE(lines(), 10u);
  EXPECT_THAT(predict({"--force"}), Exits(3));
  EXPECT_FALSE(fs::exists(partial()));
}

TEST_F(ResumeTest, OtherOptionsModelsOrImagesAreRefusedByName) {
  {
    RunningProgram run(folder_, arguments({"-q"}));
    wait_for_lines(run, 10);
    run.send(SIGKILL);
  }
  const auto conf = predict({"--resume", "--conf", "0.5"});
  EXPECT_THAT(conf, Exits(2));
  EXPECT_THAT(conf.err, HasSubstr("cannot resume: --conf was "));
  EXPECT_THAT(conf.err, HasSubstr("is now 0.5"));
  const auto batch =
      run_program(folder_, predict_arguments(source_, "drafts", {"--batch", "3", "--resume"}));
  EXPECT_THAT(batch, Exits(2));
  EXPECT_THAT(batch.err, HasSubstr("cannot resume: --batch was 2, is now 3"));
  const auto journal = partial() / "journal.json";
  const auto header = read_text(journal);
  auto other = header;
  other[other.find("\"model_version\": \"") + 18] ^= 1;
  write_text(journal, other);
  EXPECT_THAT(predict({"--resume"}).err, HasSubstr("cannot resume: the model was "));
  write_text(journal, header);
  const auto before = fs::last_write_time(source_ / "0" / "text.jpg");
  write_text(source_ / "0" / "text.jpg", "still no image");
  EXPECT_THAT(predict({"--resume"}).err, HasSubstr("images of the source were changed"));
  write_text(source_ / "0" / "text.jpg", "no image");
  fs::last_write_time(source_ / "0" / "text.jpg", before);
  write_text(source_ / "0" / "more.jpg", "no image");
  EXPECT_THAT(predict({"--resume"}).err, HasSubstr("cannot resume: the number of images was "));
  fs::remove(source_ / "0" / "more.jpg");
  EXPECT_THAT(predict({"--resume"}), Exits(3));
}

TEST_F(ResumeTest, OtherFormatsMayBeWrittenFromTheSameDrafts) {
  {
    RunningProgram run(folder_, arguments({"-q", "--formats", "csv"}));
    wait_for_lines(run, 10);
    run.send(SIGKILL);
  }
  EXPECT_THAT(predict({"--resume", "--formats", "coco"}), Exits(3));
  EXPECT_TRUE(fs::exists(folder_ / "drafts" / "coco"));
  EXPECT_FALSE(fs::exists(folder_ / "drafts" / "csv"));
}

TEST_F(ResumeTest, WithNothingToGoOnFromItBegins) {
  const auto whole = uninterrupted();
  EXPECT_THAT(predict({"--resume"}), Exits(3));
  EXPECT_EQ(drafts(), whole);
  EXPECT_THAT(predict({"--resume"}), Exits(8)) << "it is complete";
}

TEST_F(ResumeTest, SignalsEndTheRunWhichCanBeResumed) {
  const auto whole = uninterrupted();
  for (const int signal : {SIGINT, SIGTERM}) {
    RunningProgram run(folder_, arguments());
    wait_for_lines(run, 20);
    run.send(signal);
    const auto sent = std::chrono::steady_clock::now();
    while (run.err().find("interrupted") == std::string::npos && !run.ended() &&
           std::chrono::steady_clock::now() - sent < 5s) {
      std::this_thread::sleep_for(1ms);
    }
    const auto said_after = std::chrono::steady_clock::now() - sent;
    const auto outcome = run.wait();
    EXPECT_THAT(outcome, Exits(128 + signal));
    EXPECT_THAT(outcome.err, HasSubstr("preannotate: interrupted"));
    EXPECT_THAT(outcome.err, HasSubstr("with --resume goes on from there"));
    std::cout << "[   INFO   ] said after "
              << std::chrono::duration_cast<std::chrono::milliseconds>(said_after).count()
              << " ms\n";
    EXPECT_FALSE(fs::exists(folder_ / "drafts"));
    EXPECT_THAT(predict({"--resume"}), Exits(3));
    EXPECT_EQ(drafts(), whole);
    fs::remove_all(folder_ / "drafts");
  }
}

TEST_F(ResumeTest, ASecondSignalEndsItOnTheSpot) {
  RunningProgram run(folder_, arguments());
  wait_for_lines(run, 20);
  run.send(SIGINT);
  while (run.err().find("interrupted") == std::string::npos && !run.ended())
    std::this_thread::sleep_for(1ms);
  run.send(SIGINT);
  EXPECT_THAT(run.wait(), Exits(130));
  EXPECT_THAT(predict({"--resume"}), Exits(3));
}

TEST_F(ResumeTest, Row58ASecondRunToOnePlaceIsToldWhoWritesThere) {
  RunningProgram first(folder_, arguments({"-q"}));
  wait_for_lines(first, 1);
  first.send(SIGSTOP);  // so that it is still there
  const auto second = predict({"--resume"});
  EXPECT_THAT(second, Exits(8));
  EXPECT_THAT(second.err, HasSubstr("is being written by another run (process "));
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  EXPECT_THAT(second.err, HasSubstr(std::string(" on ") + host + " since "));
  first.send(SIGCONT);
  EXPECT_THAT(first.wait(), Exits(3));
  EXPECT_FALSE(fs::exists(folder_ / "drafts" / ".lock"));
}

TEST_F(ResumeTest, Row58OfManyRunsAtOnceOneWins) {
  std::vector<std::unique_ptr<RunningProgram>> runs;
  for (int i = 0; i < 4; ++i)
    runs.push_back(std::make_unique<RunningProgram>(folder_, arguments({"-q"})));
  int won = 0;
  for (auto& run : runs) {
    const auto outcome = run->wait();
    won += outcome.code == 3;
    if (outcome.code != 3) {
      EXPECT_THAT(outcome, Exits(8));
    }
  }
  EXPECT_EQ(won, 1);
}

TEST_F(ResumeTest, Row59TheLockOfAKilledRunIsTakenOver) {
  RunningProgram run(folder_, arguments({"-q"}));
  while (!fs::exists(partial() / ".lock") && !run.ended()) std::this_thread::sleep_for(1ms);
  run.send(SIGKILL);
  run.wait();
  EXPECT_THAT(predict({"--resume"}), Exits(3));
}

TEST_F(ResumeTest, Row33TheSameContentTwiceIsUsedAndCounted) {
  const auto outcome = predict();
  EXPECT_THAT(outcome, Exits(3));
  const auto summary = read_json(folder_ / "drafts" / "summary.json");
  EXPECT_EQ(summary["done"].get<int>() + summary["empty"].get<int>(), 12 * kCopies);
  EXPECT_EQ(summary["copies"], 12 * (kCopies - 1));
  EXPECT_THAT(outcome.err, HasSubstr("132 images have the same content as another"));
}

}  // namespace
}  // namespace preannotate
