#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using namespace testing_support;

/// simulate, as a person at the command line meets it.
class SimulateProgram : public testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& more) {
    std::vector<std::string> words{"simulate",
                                   "--data",
                                   world_.seed.string(),
                                   "--trust-backbone",
                                   "--backbone",
                                   world_.backbone.string(),
                                   "--first",
                                   "6",
                                   "--repeats",
                                   "2"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(folder_, words);
  }

  const World& world_ = trained_world().world;
  std::filesystem::path folder_ = test_folder();
};

TEST_F(SimulateProgram, PrintsATableThatFitsTheTerminal) {
  const auto outcome = run({"--output", "simulated"});
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("seconds an image"), HasSubstr("\nwithout drafts"),
                    HasSubstr("\ndrafts, each verified"), HasSubstr("\nthe loop"),
                    HasSubstr("\ncertified "), HasSubstr("\nreport    simulated/report.html\n")));
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 79u) << line;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "simulated" / "report.html"));
}

TEST_F(SimulateProgram, GivesOneJsonDocument) {
  const auto outcome = run({"--json", "--quiet", "--reviewer", "biased:0.1"});
  EXPECT_THAT(outcome, Exits(0));
  const Json json = parse_json(outcome.out, "out");
  EXPECT_EQ(json.at("reviewer"), "biased:0.1");
  EXPECT_EQ(json.at("repeats"), 2);
}

TEST_F(SimulateProgram, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(run({"--reviewer", "lazy"}), Exits(2));
  EXPECT_THAT(run({"--cost", "nowhere.json"}), Exits(2));
  EXPECT_THAT(run({"--max-error", "2"}), Exits(2));
}

}  // namespace
}  // namespace preannotate
