#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

class ConfigTest : public testing::Test {
 protected:
  Outcome predict_with(const std::string& config, const std::vector<std::string>& more = {}) {
    write_text(folder_ / "options.toml", config);
    std::vector<std::string> arguments{"predict", "--config", "options.toml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(folder_, arguments);
  }

  void expect_refused(const std::string& config, const std::string& sentence) {
    write_text(folder_ / "options.toml", config);
    const auto outcome = run_in_process(folder_, {"predict", "--config", "options.toml"});
    EXPECT_THAT(outcome, Exits(2)) << config;
    EXPECT_THAT(outcome.err, HasSubstr(sentence));
    EXPECT_FALSE(fs::exists(folder_ / "drafts"));
  }

  const TrainedWorld& trained_ = trained_world();
  fs::path folder_ = test_folder();
  const std::string needed_ = "[predict]\nmodel = '" + trained_.run.string() + "'\nsource = '" +
                              trained_.world.unlabelled.string() + "'\noutput = \"drafts # 1\"\n";
};

TEST_F(ConfigTest, GivesOptionsAlsoTheRequiredOnes) {
  const auto outcome = predict_with(
      "\xEF\xBB\xBF# drafts\r\n\r\n" + needed_ +
      "conf = 0.25 # low\nformats = [\n  \"coco\", # one\n  'csv',\n]\ntta = true\njson = true\n"
      "allow-skipped = false\nbatch = 2\n\n[train]\nno-cache = true\n");
  ASSERT_THAT(outcome, Exits(0));
  EXPECT_EQ(number_field(parse_json(outcome.out, "stdout"), "conf", "stdout"), 0.25);
  const Json run = read_json(folder_ / "drafts # 1" / "run.json");
  EXPECT_TRUE(run.at("options").at("tta").get<bool>());
  EXPECT_EQ(run.at("options").at("batch").get<int>(), 2);
  EXPECT_EQ(run.at("options").at("formats").dump(), R"(["coco","csv"])");
}

TEST_F(ConfigTest, GivesWayToTheCommandLine) {
  const auto outcome = predict_with(needed_ + "conf = 0.25\nformats = \"coco\"\n",
                                    {"--conf", "0.5", "--formats", "csv", "--json"});
  ASSERT_THAT(outcome, Exits(0));
  EXPECT_EQ(number_field(parse_json(outcome.out, "stdout"), "conf", "stdout"), 0.5);
  EXPECT_FALSE(fs::exists(folder_ / "drafts # 1" / "coco"));
}

TEST_F(ConfigTest, SectionsOfOtherCommandsDoNothing) {
  const auto outcome =
      predict_with("[train]\njson = true\ndata = 'nowhere'\noutput = 'trained'\n" + needed_);
  ASSERT_THAT(outcome, Exits(0));
  EXPECT_THAT(outcome.out, testing::StartsWith("drafts "));
  EXPECT_FALSE(fs::exists(folder_ / "trained"));
}

TEST_F(ConfigTest, ASwitchMayBeTurnedOffByName) {
  const auto& world = trained_.world;
  write_text(folder_ / "options.toml", "[train]\nno-cache = true\n");
  ASSERT_THAT(
      run_program(folder_, train_arguments(world, world.seed, "run", {"--config", "options.toml"})),
      Exits(0));
  EXPECT_FALSE(fs::exists(folder_ / "cache"));
}

// Row 104.
TEST_F(ConfigTest, MisspeltNamesGetTheNearest) {
  expect_refused("[predict]\n\nmodle = 'run'\n",
                 "options.toml:3: unknown key 'modle' in [predict]; did you mean 'model'?");
  expect_refused("[predct]\n", "options.toml:1: unknown section [predct]; did you mean 'predict'?");
  expect_refused(needed_ + "[train]\nfold = 3\n",
                 "unknown key 'fold' in [train]; did you mean 'folds'?");
  expect_refused("conf = 0.3\n", "options.toml:1: 'conf' stands before the first section");
  expect_refused("[predict]\nhelp = true\n", "unknown key 'help'");
}

TEST_F(ConfigTest, MistakesInTheFileNameTheirLine) {
  expect_refused("[predict]\nconf = 0,5\n",
                 "options.toml:2: expected the end of the line before ',5'");
  expect_refused("[predict]\nconf = nan\n", "options.toml:2: expected a value");
  expect_refused("[predict]\nmodel = run\n", "found 'run'");
  expect_refused("[predict]\nmodel = 'run\n", "options.toml:2: a string lacks its closing '");
  expect_refused("[predict]\nmodel = \"a\\x\"\n", "is no escape");
  expect_refused("[predict]\nmodel\n", "expected [command] or option = value");
  expect_refused("[predict\n", "expected [command]");
  expect_refused("[predict]\nformats = ['coco'\n", "expected ',' or ']'");
  expect_refused("[predict]\nformats = [", "options.toml:2");
  expect_refused("[predict]\ntta = 1\n", "'tta' is either true or false");
  expect_refused("[predict]\nmodel = true\n", "'model' needs a value, not true or false");
  expect_refused("[predict]\nbatch = 2\nbatch = 3\n", "options.toml:3: 'batch' is given twice");
  expect_refused(needed_ + "conf = 2\n", "--conf: '2' is no number from 0 to 1");
  expect_refused("[predict]\nmodel = ['a', 'b']\n", "--model");
  expect_refused(std::string("\0\xFF\n", 3), "options.toml:1");
}

TEST_F(ConfigTest, AFileThatIsMissingIsNamed) {
  const auto outcome = run_program(folder_, {"train", "--config", "none.toml"});
  EXPECT_THAT(outcome, Exits(2));
  EXPECT_THAT(outcome.err, HasSubstr("none.toml"));
}

}  // namespace
}  // namespace preannotate
