#include <gtest/gtest.h>

#include "cli/program.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing::HasSubstr;
using namespace testing_support;

/// Each says what is wrong in one line, after the one that says what was begun, does nothing and
/// exits with 2.
struct Mistake {
  std::vector<std::string> arguments;
  std::string sentence;
};

void expect_refused(const std::vector<Mistake>& mistakes) {
  const auto folder = test_folder();
  for (const auto& mistake : mistakes) {
    SCOPED_TRACE(testing::PrintToString(mistake.arguments));
    const auto outcome = run_in_process(folder, mistake.arguments);
    EXPECT_THAT(outcome, Exits(2));
    EXPECT_THAT(outcome.err, HasSubstr(mistake.sentence));
    const bool begun = outcome.err.starts_with("reading ") || outcome.err.starts_with("loading ");
    const auto lines = std::count(outcome.err.begin(), outcome.err.end(), '\n');
    EXPECT_EQ(lines, begun ? 2 : 1) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST(Usage, MisspeltWordsGetTheNearestName) {
  expect_refused({
      {{"trian"}, "unknown command 'trian'; did you mean 'train'?"},
      {{"--no-such", "train"}, "unknown option '--no-such'"},
      {{"xyzzy"},
       "unknown command 'xyzzy'; known: train, predict, evaluate, rank, issues, select, review, "
       "import, statistics, certify, audit, update, runs, simulate, check, convert, doctor"},
      {{"train", "--dta", "seed", "--output", "run"},
       "unknown option '--dta'; did you mean --data? (see preannotate train --help)"},
      {{"predict", "--modle=run"}, "unknown option '--modle=run'; did you mean --model?"},
      {{"train", "--data", "seed", "--output", "run", "--confg", "f"}, "did you mean --config?"},
      {{"predict", "--model", "r", "--source", "s", "-o", "d", "--format", "coco"},
       "did you mean --formats?"},
      {{"train", "--data", "s", "-o", "d", "-x"}, "unknown option '-x'"},
  });
}

TEST(Usage, WhatIsAcceptedIsSaidOnce) {
  expect_refused({
      {{"train", "--data", "s", "-o", "d", "--conf", "0.9", "--target-precision", "0.95"},
       "--conf excludes --target-precision"},
      {{"predict", "--model", "r", "--source", "s", "-o", "d", "--conf", "0.9", "--thresholds",
        "t.json"},
       "--conf excludes --thresholds"},
      {{"train", "--data", "s", "-o", "d", "--target-precision", "95"},
       "--target-precision: '95' is no number from 0.5 to 0.9999"},
  });
}

TEST(Usage, WordsThatLostTheirDashesAreShownWithThem) {
  expect_refused({
      {{"predict", "--model", "r", "-o", "d", "conf=0.3"},
       "unexpected argument 'conf=0.3'; did you mean --conf 0.3?"},
      {{"train", "data=seed", "-o", "d"}, "did you mean --data seed?"},
      {{"train", "--data", "s", "-o", "d", "output"}, "did you mean --output?"},
  });
}

// Row 105.
TEST(Usage, AValueOutOfItsRangeIsNamed) {
  const auto conf = [](const std::string& value) {
    return std::vector<std::string>{"predict", "--model", "r",      "--source", "s",
                                    "-o",      "d",       "--conf", value};
  };
  const auto train = [](const std::string& option, const std::string& value) {
    return std::vector<std::string>{"train", "--data", "s", "-o", "d", option, value};
  };
  const auto predict = [](const std::string& option, const std::string& value) {
    return std::vector<std::string>{"predict", "--model", "r",    "--source", "s",
                                    "-o",      "d",       option, value};
  };
  expect_refused({
      {conf("nan"), "--conf: 'nan' is no number from 0 to 1"},
      {conf("inf"), "'inf' is no number from 0 to 1"},
      {conf("0,5"), "'0,5' is no number from 0 to 1"},
      {conf("2"), "'2' is no number from 0 to 1"},
      {conf("-1"), "'-1' is no number from 0 to 1"},
      {conf("1e999"), "'1e999' is no number from 0 to 1"},
      {conf(""), "--conf"},
      {train("--workers", "-1"), "--workers"},
      {train("--workers", "2.5"), "--workers"},
      {train("--batch", "0"), "--batch"},
      {train("--folds", "many"), "--folds"},
      {train("--folds", "1"), "--folds 1: expected 2 or more, or 0 for none"},
      {train("--seed", "-3"), "--seed"},
      {train("--steps", "-1"), "--steps"},
      {train("--tile", "-5"), "--tile"},
      {train("--tile", "4"), "--tile 4: expected 32 or more image pixels, or 0 for none"},
      {train("--imgsz", "99999"), "--imgsz"},
      {train("--conf", "1.5"), "--conf: '1.5' is no number from 0 to 1"},
      {predict("--iou", "2"), "--iou: '2' is no number from 0 to 1"},
      {predict("--iou", "nan"), "--iou: 'nan' is no number from 0 to 1"},
      {predict("--max-det", "0"), "--max-det"},
      {predict("--max-det", "many"), "--max-det"},
      {train("--mean", "0.5,0.5"), "--mean"},
      {train("--mean", "nan,0.5,0.5"), "--mean"},
      {train("--features", "maps"), "--features 'maps' is not one of"},
  });
}

TEST(Usage, WordsFromAListAreCheckedAgainstIt) {
  const auto& [world, run] = trained_world();
  const auto train = [&](const std::string& option, const std::string& value) {
    return train_arguments(world, world.seed, "out", {option, value});
  };
  expect_refused({
      {train("--task", "clasify"), "clasify"},
      {train("--format", "foldr"), "unknown format 'foldr'; did you mean 'folder'?"},
      {train("--resize", "stretch"), "squash, crop, letterbox"},
      {train("--augment", "heavy"), "none, light, strong"},
      {train("--device", "foo"), "foo"},
      {predict_arguments(world.unlabelled, "out", {"--formats", "coco,label_studo"}),
       "unknown format 'label_studo'; did you mean 'label_studio'?"},
      {predict_arguments(world.unlabelled, "out", {"--device", "foo"}), "foo"},
  });
}

TEST(Usage, WhatIsMissingIsNamed) {
  expect_refused({
      {{"train"}, "--data is required"},
      {{"train", "--data", "seed"}, "--output is required"},
      {{"predict", "--source", "s", "-o", "d"}, "--model is required"},
      {{"predict", "--model"}, "--model"},
      {{"--verbose"},
       "the command comes first: train, predict, evaluate, rank, issues, select, review, import, "
       "statistics, certify, audit, update, runs, simulate, check, convert, doctor"},
      {{"-o", "run", "train"}, "'-o' stands before the command"},
      {{"train", "--data", "nowhere", "-o", "run"}, "nowhere"},
      {{"evaluate", "--data", "x"}, "--model"},
      {{"train", "--data", "s", "-o", "d", "--val", "0.2", "--folds", "3"}, "excludes"},
      {{"train", "--data", "s", "-o", "d", "--quiet", "--verbose"}, "excludes"},
  });
}

TEST(Usage, TheProgramExitsLikeTheFunction) {
  const auto folder = test_folder();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"trian"}, {"predict", "conf=0.3"}}) {
    const auto real = run_program(folder, arguments), called = run_in_process(folder, arguments);
    EXPECT_THAT(real, Exits(2));
    EXPECT_THAT(called, Exits(2));
    EXPECT_EQ(real.err, called.err);
  }
}

TEST(Usage, NoArgumentsShowTheHelp) {
  const auto outcome = run_program(test_folder(), {});
  EXPECT_THAT(outcome, Exits(2));
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, run_program(test_folder(), {"--help"}).out);
}

}  // namespace
}  // namespace preannotate
