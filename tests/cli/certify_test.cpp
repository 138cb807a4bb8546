// select, certify and audit, as a person at the command line meets them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "review/draft_folder.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

class CertifyCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    write_draft_folder(folder_ / "drafts", "classify", world_.categories, world_.entries);
  }
  Outcome run(const std::vector<std::string>& arguments) {
    return run_in_process(folder_, arguments);
  }
  /// Answers to the selection, in `file`.
  void answer(const std::string& name, const std::string& file) {
    const auto selection = read_json(folder_ / "drafts" / "selections" / name / "selection.json");
    write_text(folder_ / file,
               answers_csv(world_, selection["images"].get<std::vector<std::string>>()));
  }
  fs::path folder_ = test_folder();
  DraftedWorld world_ = drafted_world(1000, 0.2, 3);
};

TEST_F(CertifyCommandTest, ASampleIsDrawnAnsweredAndBearsOutAPromise) {
  const auto chosen =
      run({"select", "drafts", "--for", "certify", "--budget", "200", "--seed", "4"});
  EXPECT_THAT(chosen, Exits(0));
  EXPECT_THAT(chosen.out, AllOf(HasSubstr("chosen   200 of 1,000 images, for certify\n"),
                                HasSubstr("answers.csv"),
                                HasSubstr("preannotate review drafts --selection certify"),
                                HasSubstr("then: preannotate\n         certify drafts\n")));
  answer("certify", "answers.csv");
  const auto given = run({"certify", "drafts", "--answers", "answers.csv", "--max-error", "0.05"});
  EXPECT_THAT(given, Exits(0));
  EXPECT_THAT(given.out, AllOf(HasSubstr("sample   200 of 1,000 images"),
                               HasSubstr("promise  at most"), HasSubstr("wrong, with 95.0 %")));
  const auto again =
      run({"certify", "drafts", "--answers", "answers.csv", "--max-error", "0.05", "--json", "-q"});
  const auto json = parse_json(again.out, "out");
  EXPECT_EQ(json["given"], true);
  EXPECT_EQ(json["answers"], 200);
  EXPECT_LE(json["error_bound"], 0.05);
}

TEST_F(CertifyCommandTest, AnswersThatCannotBearItOutExitWithOneAndSayHowManyAreMissing) {
  run({"select", "drafts", "--for", "certify", "--budget", "100", "--seed", "4"});
  answer("certify", "answers.csv");
  const auto missing = run({"certify", "drafts", "--answers", "answers.csv"});
  EXPECT_THAT(missing, Exits(1));
  EXPECT_THAT(missing.out, HasSubstr("promise  none\n"));
  EXPECT_THAT(missing.err,
              HasSubstr("no certificate: 100 answers cannot bear out 1.00 % wrong labels; 138 more "
                        "are needed at least"));
  EXPECT_THAT(run({"certify", "drafts", "--max-error", "0.05"}), Exits(4))
      << "answers.csv is still empty";
  EXPECT_THAT(run({"certify", "drafts", "--max-error", "2", "--answers", "answers.csv"}), Exits(2));
}

TEST_F(CertifyCommandTest, ABrokenPromiseExitsWithOne) {
  DraftedWorld finished = world_;
  std::vector<std::string> all;
  for (size_t i = 0; i < finished.truth.size(); ++i) {
    all.push_back(finished.entries[i].sample.image);
    if (i % 8 == 0) finished.truth[i] = (finished.truth[i] + 1) % 3;
  }
  write_text(folder_ / "finished.csv", answers_csv(finished, all));
  const std::vector<std::string> labels{"--labels", "finished.csv"};
  EXPECT_THAT(run({"select", "drafts", "--for", "audit", "--budget", "300", "--seed", "4",
                   "--labels", "finished.csv"}),
              Exits(0));
  answer("audit", "audit.csv");
  const auto broken =
      run({"audit", "drafts", "--answers", "audit.csv", "--labels", "finished.csv"});
  EXPECT_THAT(broken, Exits(1));
  EXPECT_THAT(broken.err, HasSubstr("the promise of at most 1.00 % wrong labels is broken"));
  EXPECT_THAT(broken.out, AllOf(HasSubstr("accepted"), HasSubstr("edited")));
  const auto kept = run({"audit", "drafts", "--answers", "audit.csv", "--labels", "finished.csv",
                         "--max-error", "0.25", "--json"});
  EXPECT_THAT(kept, Exits(0));
  EXPECT_EQ(parse_json(kept.out, "out")["verdict"], "kept");
}

TEST_F(CertifyCommandTest, ReviewersAreHeldAgainstPlantedDrafts) {
  std::vector<std::string> gold;
  for (size_t i = 700; i < 800; ++i) gold.push_back(world_.entries[i].sample.image);
  write_text(folder_ / "gold.csv", answers_csv(world_, gold));
  const auto chosen = run({"select", "drafts", "--for", "review", "--budget", "200", "--honeypots",
                           "0.1", "--gold", "gold.csv", "--formats", "csv"});
  EXPECT_THAT(chosen, Exits(0));
  EXPECT_THAT(chosen.out, HasSubstr("planted  20 wrong and 10 right drafts among them\n"));
  answer("review", "ada.csv");
  const auto checked = run({"audit", "drafts", "--reviewed", "Ada=ada.csv"});
  EXPECT_THAT(checked, Exits(0));
  EXPECT_THAT(checked.out, HasSubstr("Ada: accepted 0 of 20 planted wrong drafts (0.00 % to"));
}

TEST_F(CertifyCommandTest, CiIsToldOfARefusal) {
  run({"select", "drafts", "--for", "certify", "--budget", "100", "--seed", "4"});
  answer("certify", "answers.csv");
  const auto refused = run({"certify", "drafts", "--answers", "answers.csv", "--report", "github",
                            "--report", "junit:gate.xml"});
  EXPECT_THAT(refused, Exits(1));
  EXPECT_THAT(refused.out, HasSubstr("::error"));
  EXPECT_THAT(read_text(folder_ / "gate.xml"),
              AllOf(HasSubstr("failures=\"1\""), HasSubstr("138 more are needed at least")));
  const auto given = run({"certify", "drafts", "--answers", "answers.csv", "--max-error", "0.05",
                          "--report", "junit:gate.xml"});
  EXPECT_THAT(given, Exits(0));
  EXPECT_THAT(read_text(folder_ / "gate.xml"), HasSubstr("failures=\"0\""));
}

TEST_F(CertifyCommandTest, OptionsOfAnotherPurposeAreRefused) {
  const auto blind =
      run({"select", "drafts", "--for", "review", "--budget", "9", "--blind", "0.2"});
  EXPECT_THAT(blind, Exits(2));
  EXPECT_THAT(blind.err, HasSubstr("--blind is for --for label, not for --for review"));
  const auto honeypots =
      run({"select", "drafts", "--for", "label", "--budget", "9", "--honeypots", "0.2"});
  EXPECT_THAT(honeypots, Exits(2));
  EXPECT_THAT(honeypots.err, HasSubstr("--honeypots means nothing to --for label"));
  const auto unknown = run({"select", "drafts", "--for", "labels", "--budget", "9"});
  EXPECT_THAT(unknown, Exits(2));
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("expected label, certify, audit or review"),
                                 HasSubstr("did you mean 'label'?")));
}

TEST_F(CertifyCommandTest, WhatToLabelNextNeedsTheRunOfTheDrafts) {
  const auto outcome = run({"select", "drafts", "--for", "label", "--budget", "9"});
  EXPECT_THAT(outcome, Exits(2));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("is not noted in run.json"), HasSubstr("--model RUN")));
}

TEST_F(CertifyCommandTest, NamesFromOutsideAreShownEscaped) {
  const auto outcome =
      run({"select", "drafts", "--for", "certify", "--budget", "9", "--name", "a\x1b[31m"});
  EXPECT_THAT(outcome, Exits(2));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("\\x1B"), Not(HasSubstr("\x1b[31m"))));
}

}  // namespace
}  // namespace preannotate
