#include "preannotate/model/accept_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing::HasSubstr;
using testing_support::test_folder;
using testing_support::write_text;

const std::vector<std::string> kClasses{"cat", "dog"};

AcceptScores read(const std::string& text) {
  const auto file = test_folder() / "scores.json";
  write_text(file, text);
  return read_accept_scores(file, kClasses);
}

std::string refusal(const std::string& text) {
  try {
    read(text);
    return "read";
  } catch (const UserError& error) {
    return std::to_string(error.exit_code()) + ": " + error.what();
  }
}

TEST(AcceptScoresFile, GivesAScoreOrNoneToEachClass) {
  EXPECT_EQ(read(R"({"dog": null, "cat": 0.93})"), (AcceptScores{0.93, std::nullopt}));
  EXPECT_EQ(read(R"({"cat": 0, "dog": 1})"), (AcceptScores{0.0, 1.0}));
}

TEST(AcceptScoresFile, MayBeARunsOwn) {
  const AcceptScores expected{0.93, std::nullopt};
  EXPECT_EQ(read(R"({"target_precision": 0.9, "per_class": {"cat": 0.93, "dog": null}})"),
            expected);
  EXPECT_EQ(read(R"({"task": "classify", "thresholds": {"conf": 0.9, "target_precision": 0.9,
                     "per_class": {"cat": 0.93, "dog": null}}})"),
            expected);
}

TEST(AcceptScoresFile, NamesTheClassThatIsAtFault) {
  EXPECT_THAT(refusal(R"({"cat": 0.9, "dgo": 0.9})"),
              HasSubstr("'dgo' is no class of the run; did you mean 'dog'?"));
  EXPECT_THAT(refusal(R"({"cat": 0.9, "xylophone": 0.9})"), HasSubstr("; known: cat, dog"));
  EXPECT_THAT(refusal(R"({"cat": 0.9})"), HasSubstr("no score for class 'dog'; give one from 0"));
  EXPECT_THAT(refusal(R"({"cat": 0.9, "dog": 1.5})"),
              HasSubstr("class 'dog' has 1.5; expected a score from 0 to 1, or null"));
  EXPECT_THAT(refusal(R"({"cat": "0.9", "dog": 1})"), HasSubstr("class 'cat' has \"0.9\""));
  EXPECT_THAT(refusal("[0.9, 0.9]"), HasSubstr("expected an object of scores by class"));
}

TEST(AcceptScoresFile, TextFromOutsideDoesNotReachTheTerminalAsItIs) {
  const auto sentence = refusal("{\"cat\": 1, \"\\u001b[31m\": 1}");
  EXPECT_THAT(sentence, testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(sentence, HasSubstr("\\x1B[31m"));
}

TEST(AcceptScoresFile, ComesBackFromWhatIsWritten) {
  const AcceptScores scores{std::nullopt, 0.8125};
  EXPECT_EQ(accept_scores_from(accept_scores_json(scores, kClasses), kClasses, "here"), scores);
}

}  // namespace
}  // namespace preannotate
