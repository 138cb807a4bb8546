#include "pipeline/box_cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/core/error.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using namespace testing_support;

class BoxCostFile : public testing::Test {
 protected:
  std::string named(const std::string& text, const std::string& column = "") {
    write_text(path_, text);
    return path_.string() + column;
  }
  static std::string refused(const std::string& file, ExitCode code) {
    try {
      read_box_cost(file);
      return "nothing was thrown";
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), code) << error.what();
      return error.what();
    }
  }

  const std::filesystem::path folder_ = test_folder(), path_ = folder_ / "cost.json";
};

TEST_F(BoxCostFile, NoFileIsTheDefault) {
  EXPECT_EQ(read_box_cost("").draw, BoxCost().draw);
}

TEST_F(BoxCostFile, OfTheProjectHoldsTheDefaultsAndTwoOtherColumns) {
  const std::string file = PREANNOTATE_COST_FILE;
  const BoxCost central = read_box_cost(file), defaults;
  for (const auto action : {&BoxCost::draw, &BoxCost::verify, &BoxCost::adjust, &BoxCost::remove,
                            &BoxCost::reclass, &BoxCost::scan, &BoxCost::load}) {
    EXPECT_EQ(central.*action, defaults.*action);
    EXPECT_LE(read_box_cost(file + ":optimistic").*action, central.*action);
    EXPECT_GE(read_box_cost(file + ":pessimistic").*action, central.*action);
  }
}

TEST_F(BoxCostFile, HoldsWhatClassesTakeToo) {
  const std::string file = PREANNOTATE_COST_FILE;
  const ClassCost central = read_person_cost(file).classes, defaults;
  for (const auto action :
       {&ClassCost::verify, &ClassCost::fix, &ClassCost::grid, &ClassCost::click, &ClassCost::load,
        &ClassCost::choose_base, &ClassCost::choose_doubling}) {
    EXPECT_EQ(central.*action, defaults.*action);
    EXPECT_LE(read_person_cost(file + ":optimistic").classes.*action, central.*action);
    EXPECT_GE(read_person_cost(file + ":pessimistic").classes.*action, central.*action);
  }
  EXPECT_NEAR(defaults.choose(10), 3.0, 0.01);
}

TEST_F(BoxCostFile, ActionsThatItLeavesOutKeepTheirDefault) {
  const auto cost = read_box_cost(named(R"({"seconds": {"draw": 12, "load": {"central": 2}}})"));
  EXPECT_EQ(cost.draw, 12);
  EXPECT_EQ(cost.load, 2);
  EXPECT_EQ(cost.verify, BoxCost().verify);
}

TEST_F(BoxCostFile, AColonInTheNameOfAFileIsNoColumn) {
  write_text(folder_ / "a:b.json", R"({"seconds": {"draw": 3}})");
  EXPECT_EQ(read_box_cost((folder_ / "a:b.json").string()).draw, 3);
}

TEST_F(BoxCostFile, WhatIsWrongIsNamed) {
  EXPECT_THAT(refused((folder_ / "none.json").string(), kUsageError),
              AllOf(HasSubstr("--cost"), HasSubstr("none.json"), HasSubstr("does not exist")));
  EXPECT_THAT(refused(named(R"({"seconds": {"draw": {"central": 1}}})", ":fast"), kUsageError),
              AllOf(HasSubstr("'draw'"), HasSubstr("no column 'fast'")));
  EXPECT_THAT(refused(named(R"({"seconds": {"drow": 1}})"), kBadInput),
              AllOf(HasSubstr("'drow'"), HasSubstr("known: draw, verify")));
  EXPECT_THAT(refused(named(R"({"draw": 1})"), kBadInput), HasSubstr("'seconds' is missing"));
  EXPECT_THAT(refused(named("[1]"), kBadInput), HasSubstr("cost.json"));
  EXPECT_THAT(refused(named("{"), kBadInput), HasSubstr("cost.json"));
  EXPECT_THAT(refused(named(R"({"seconds": 3})"), kBadInput), HasSubstr("cost.json"));
  EXPECT_THAT(refused(folder_.string(), kBadInput), HasSubstr(folder_.filename().string()));
  for (const char* value : {"-1", "\"7\"", "null", "1e9", "[7]"}) {
    EXPECT_THAT(refused(named("{\"seconds\": {\"scan\": " + std::string(value) + "}}"), kBadInput),
                AllOf(HasSubstr("'scan'"), HasSubstr("expected seconds from 0 to 3600")));
  }
}

}  // namespace
}  // namespace preannotate
