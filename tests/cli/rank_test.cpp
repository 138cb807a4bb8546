#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

/// rank, as a person at the command line meets it.
class RankProgram : public testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& more) {
    std::vector<std::string> words{"rank", "--data", world_.seed.string(), "--trust-backbone"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(folder_, words);
  }

  const World& world_ = trained_world().world;
  std::filesystem::path folder_ = test_folder();
};

TEST_F(RankProgram, PrintsATableThatFitsTheTerminalAndWhatToDoNext) {
  write_tiny_backbone(folder_ / "a_backbone_with_a_name_that_is_long.pt", {.tuple = false});
  write_text(folder_ / "broken.pt", "no TorchScript");
  const auto outcome = run({"--backbones", world_.backbone.string(),
                            "a_backbone_with_a_name_that_is_long.pt", "broken.pt"});
  EXPECT_THAT(outcome, Exits(3));
  EXPECT_THAT(outcome.err, HasSubstr("warning: broken is left out: broken.pt is no TorchScript"));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("log-loss"), HasSubstr("accuracy, % (95 %)"),
                                 HasSubstr("...me_that_is_long"), HasSubstr("\nuse      "),
                                 HasSubstr("\nbecause  it is "), HasSubstr("failed   broken.pt"),
                                 HasSubstr("next     preannotate train --data ")));
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("next ")) continue;  // a command is one line
    EXPECT_LE(line.size(), 79u) << line;
  }
}

TEST_F(RankProgram, GivesOneJsonDocument) {
  const auto outcome = run({"--backbones", world_.backbone.string(), "--json", "--quiet"});
  EXPECT_THAT(outcome, Exits(0));
  const Json json = parse_json(outcome.out, "out");
  EXPECT_EQ(json.at("recommendation").at("name"), "tiny");
  EXPECT_EQ(json.at("backbones").size(), 1u);
}

TEST_F(RankProgram, KnowsTheModelsOfTheManifestByName) {
  const auto outcome = run({"--backbones", "efficientnet_lite0", "--json", "--quiet"});
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_EQ(parse_json(outcome.out, "out").at("backbones")[0].at("name"), "efficientnet_lite0");
  EXPECT_THAT(run({"--backbones", "efficientnet_lite7"}), Exits(2));
}

}  // namespace
}  // namespace preannotate
