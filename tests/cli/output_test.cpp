#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

class OutputTest : public testing::Test {
 protected:
  Outcome predict(const std::string& output, const std::vector<std::string>& more = {}) {
    return run_program(folder_, predict_arguments(world_.unlabelled, output, more));
  }

  const World& world_ = trained_world().world;
  fs::path folder_ = test_folder();
};

// Row 54.
TEST_F(OutputTest, AnExistingFolderIsReplacedOnlyWhenAskedAndOnlyOnesOwn) {
  ASSERT_THAT(predict("drafts"), Exits(0));
  const auto first = content_of(folder_ / "drafts");
  const auto again = predict("drafts");
  EXPECT_THAT(again, Exits(8));
  EXPECT_THAT(again.err, HasSubstr("drafts exists; choose another folder or add --force"));
  EXPECT_EQ(content_of(folder_ / "drafts"), first);
  EXPECT_THAT(predict("drafts", {"--force"}), Exits(0));

  write_text(folder_ / "mine" / "letter.txt", "dear");
  const auto foreign = predict("mine", {"--force"});
  EXPECT_THAT(foreign, Exits(8));
  EXPECT_THAT(foreign.err, HasSubstr("letter.txt"));
  EXPECT_EQ(read_text(folder_ / "mine" / "letter.txt"), "dear");
  const auto over_seed =
      run_program(folder_, train_arguments(world_, world_.seed, world_.seed.string(), {"--force"}));
  EXPECT_THAT(over_seed, Exits(8));
}

// Row 53.
TEST_F(OutputTest, AFolderThatCannotBeMadeIsNamedBeforeAnyWork) {
  write_text(folder_ / "file", "");
  const auto drafts = predict("file/drafts");
  EXPECT_THAT(drafts, Exits(7));
  EXPECT_THAT(drafts.err, AllOf(HasSubstr("file/drafts"), Not(HasSubstr("images:"))));
  const auto run = run_program(folder_, train_arguments(world_, world_.seed, "file/run"));
  EXPECT_THAT(run, Exits(7));
  EXPECT_THAT(run.err, AllOf(HasSubstr("file/run"), Not(HasSubstr("images:"))));
  EXPECT_THAT(predict("file", {"--force"}), Exits(8));
  EXPECT_TRUE(fs::is_empty(folder_ / "file"));
}

TEST_F(OutputTest, AFullStdoutIsAFailure) {
  const auto outcome =
      run_program(folder_, predict_arguments(world_.unlabelled, "drafts"), "", "/dev/full");
  EXPECT_THAT(outcome, Exits(7));
  EXPECT_THAT(outcome.err, HasSubstr("stdout cannot be written"));
}

TEST_F(OutputTest, StdoutIsForDataAndStderrForPeople) {
  const auto plain = predict("drafts");
  ASSERT_THAT(plain, Exits(0));
  EXPECT_THAT(plain.out, HasSubstr("12 found: 12 done"));
  EXPECT_THAT(plain.err, HasSubstr("images: 12 of 12 (100 %)"));
  EXPECT_THAT(plain.out + plain.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(plain.out + plain.err, Not(HasSubstr("\r")));

  const auto quiet = predict("drafts", {"--force", "--quiet"});
  EXPECT_THAT(quiet, Exits(0));
  EXPECT_EQ(quiet.err, "");

  const auto json = predict("drafts", {"--force", "--json", "-q"});
  EXPECT_THAT(json, Exits(0));
  EXPECT_EQ(json.err, "");
  EXPECT_EQ(int_field(parse_json(json.out, "stdout"), "found", "stdout"), 12);

  const auto dry = predict("dry", {"--dry-run", "--json"});
  EXPECT_THAT(dry, Exits(0));
  EXPECT_EQ(int_field(parse_json(dry.out, "stdout"), "found", "stdout"), 12);
  EXPECT_FALSE(fs::exists(folder_ / "dry"));

  const auto doctor = run_program(folder_, {"doctor", "--json"});
  EXPECT_THAT(doctor, Exits(0));
  EXPECT_TRUE(bool_field(parse_json(doctor.out, "stdout"), "healthy", "stdout"));
}

TEST_F(OutputTest, AFailureEndsWithItsCodeAsJsonWhenAsked) {
  fs::create_directories(folder_ / "drafts");
  const std::vector<std::vector<std::string>> failing{
      predict_arguments(world_.unlabelled, "drafts", {"--json"}),
      {"predict", "--json", "--modle", "x"},
      {"predict", "--model", "x", "--source", "s", "-o", "d", "--conf", "nan", "--json"},
      {"predict", "--model", "no\nrun", "--source", ".", "-o", "d", "--json", "--quiet"}};
  for (const auto& arguments : failing) {
    const auto outcome = run_program(folder_, arguments);
    SCOPED_TRACE(outcome.err);
    EXPECT_EQ(outcome.out, "");
    const auto text = outcome.err.substr(0, outcome.err.size() - 1);
    const Json last = parse_json(text.substr(text.rfind('\n') + 1), "stderr");
    EXPECT_EQ(string_field(last, "type", "stderr"), "exit_error");
    EXPECT_EQ(int_field(last, "code", "stderr"), outcome.code);
    EXPECT_GT(outcome.code, 0);
    EXPECT_FALSE(string_field(last, "message", "stderr").empty());
  }
}

TEST_F(OutputTest, AWholeSessionChangesNoInput) {
  const auto world = make_world(folder_ / "world", 4, 10);
  const auto before = content_of(world.folder);
  const auto run = [&](const std::vector<std::string>& arguments) {
    const auto outcome = run_program(folder_, arguments);
    EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("nan")));
    return outcome;
  };
  const auto trained = run(train_arguments(world, world.seed, "run"));
  ASSERT_THAT(trained, Exits(0));
  EXPECT_THAT(trained.out,
              AllOf(HasSubstr("accuracy"), HasSubstr("preannotate predict --model run")));
  ASSERT_THAT(run({"predict", "--model", "run", "--source", world.unlabelled.string(), "--output",
                   "drafts", "--formats", "coco,label_studio,csv,folder"}),
              Exits(0));
  const auto judged = run({"evaluate", "--drafts", "drafts", "--data", world.truth.string()});
  ASSERT_THAT(judged, Exits(0));
  EXPECT_THAT(judged.out, AllOf(HasSubstr("red"), HasSubstr("accuracy")));
  const auto gate = run({"evaluate", "--drafts", "drafts", "--data", world.truth.string(), "--json",
                         "--fail-under", "accuracy=1.01"});
  EXPECT_THAT(gate, Exits(1));
  EXPECT_EQ(parse_json(gate.out, "stdout").at("below").size(), 1u);
  EXPECT_EQ(content_of(world.folder), before) << "an input was touched";
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_THAT(entry.path().filename().string(),
                testing::AnyOf("world", "run", "drafts", "cache"));
  }
}

}  // namespace
}  // namespace preannotate
