#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

/// The search for wrong labels, from outside.
class IssuesProgram : public testing::Test {
 protected:
  std::vector<std::string> words(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{
        "issues",   "--data",     world_.seed.string(),     "--output",
        "issues",   "--backbone", world_.backbone.string(), "--trust-backbone",
        "--rounds", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Outcome issues(const std::vector<std::string>& more = {}) const {
    return run_program(folder_, words(more));
  }
  void plant() const {
    const std::string name(90, 'n');
    fs::rename(world_.seed / "red" / "03.jpg", world_.seed / "green" / (name + "\x1b[31m.jpg"));
  }

  fs::path folder_ = test_folder();
  World world_ = make_world(folder_ / "world", 10, 2);
};

TEST_F(IssuesProgram, SaysWhatLooksWrongAndWhereThePageIs) {
  plant();
  const auto found = issues();
  ASSERT_THAT(found, Exits(0));
  EXPECT_THAT(found.out, AllOf(HasSubstr("image"), HasSubstr("wrong label"),
                               HasSubstr("flagged  1 of 30 labels of 30 images: 1 wrong label"),
                               HasSubstr("judged   by 5-fold out-of-fold and 1 more division"),
                               HasSubstr("report   issues/report.html"), Not(HasSubstr("\x1b"))));
  std::istringstream lines(found.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 79u) << line;
  EXPECT_TRUE(fs::exists(folder_ / "issues" / "report.html"));
  EXPECT_TRUE(fs::exists(world_.seed / "red" / "04.jpg"));
}

TEST_F(IssuesProgram, JsonIsTheFile) {
  plant();
  const auto found = issues({"--json", "-q"});
  ASSERT_THAT(found, Exits(0));
  EXPECT_EQ(found.err, "");
  const Json document = parse_json(found.out, "stdout");
  EXPECT_EQ(document, read_json(folder_ / "issues" / "issues.json"));
  EXPECT_EQ(document.at("flagged"), 1);
}

TEST_F(IssuesProgram, FailsOverTheNumberAllowed) {
  plant();
  const auto found = issues({"--fail-over", "0"});
  EXPECT_THAT(found, Exits(1));
  EXPECT_THAT(found.err, HasSubstr("preannotate: 1 label is flagged, more than --fail-over 0"));
  EXPECT_TRUE(fs::exists(folder_ / "issues" / "issues.json"));
  EXPECT_THAT(issues({"--fail-over", "1", "--force"}), Exits(0));
}

TEST_F(IssuesProgram, WhatCannotBeDoneEndsWithItsCode) {
  EXPECT_THAT(run_in_process(folder_, {"issues"}), Exits(2));
  EXPECT_THAT(run_in_process(folder_, {"issues", "--data", world_.seed.string()}), Exits(2));
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--folds", "1"},
                                                {"--rounds", "-1"},
                                                {"--fail-over", "few"},
                                                {"--model", "run"},
                                                {"--task", "classifi"},
                                                {"--steps", "10"}}) {
    EXPECT_THAT(run_in_process(folder_, words(wrong)), Exits(2)) << wrong[0];
  }
  EXPECT_FALSE(fs::exists(folder_ / "issues"));
  const auto nowhere = run_in_process(
      folder_, {"issues", "--data", world_.seed.string(), "-o", "issues", "--model", "nowhere"});
  EXPECT_THAT(nowhere, Exits(5));
  fs::create_directories(folder_ / "issues");
  write_text(folder_ / "issues" / "mine.txt", "");
  EXPECT_THAT(run_in_process(folder_, words({"--force"})), Exits(8));
}

TEST_F(IssuesProgram, ARunOfTheSameLabelsIsRefused) {
  const auto& trained = trained_world();
  const auto found = run_program(folder_, {"issues", "--data", trained.world.seed.string(),
                                           "--output", "issues", "--model", trained.run.string()});
  EXPECT_THAT(found, Exits(2));
  EXPECT_THAT(found.err, HasSubstr("was trained on exactly these images and labels"));
  EXPECT_FALSE(fs::exists(folder_ / "issues"));
}

}  // namespace
}  // namespace preannotate
