#include "pipeline/gates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> below(const std::vector<std::string>& texts, const Json& validation) {
  EvaluateResult result;
  result.metrics = {{"validation", validation}};
  judge(result, parse_gates(texts));
  return result.below;
}

std::string refused(const std::vector<std::string>& texts, const Json& validation) {
  try {
    gated_figures(parse_gates(texts), validation);
    return "nothing was thrown";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kUsageError);
    return error.what();
  }
}

TEST(Gates, AFigureBelowItsGateIsNamedWithBothNumbers) {
  const Json boxes{{"map50", 0.8125}, {"map", 0.5}, {"map75", nullptr}};
  EXPECT_THAT(below({"map50=0.8125", "map=0.5"}, boxes), IsEmpty());
  EXPECT_THAT(below({"map50=0.82", "map=0.1"}, boxes), ElementsAre("map50 0.8125 is under 0.82"));
}

TEST(Gates, EachIsNamedWhetherItIsBelowOrNot) {
  const Json boxes{{"map50", 0.8125}, {"map", 0.5}};
  const auto figures = gated_figures(parse_gates({"map50=0.8", "map=0.6"}), boxes);
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].name, "map50");
  EXPECT_EQ(figures[0].below, "");
  EXPECT_EQ(figures[1].name, "map");
  EXPECT_EQ(figures[1].below, "map 0.5000 is under 0.6");
}

TEST(Gates, AFigureWithAnIntervalIsItsValue) {
  const Json classes{{"accuracy", {{"value", 0.7}, {"low", 0.6}, {"high", 0.95}}}};
  EXPECT_THAT(below({"accuracy=0.9"}, classes), ElementsAre("accuracy 0.7000 is under 0.9"));
}

TEST(Gates, WhatNothingDefinesIsZero) {
  const Json boxes{{"map50", nullptr}};
  EXPECT_THAT(below({"map50=0.1"}, boxes), ElementsAre(HasSubstr("0.0000")));
  EXPECT_THAT(below({"map50=0"}, boxes), IsEmpty());
}

TEST(Gates, WrongTextIsRefused) {
  const Json boxes{{"map50", 0.5}, {"map", 0.4}};
  EXPECT_THAT(refused({"map05=0.4"}, boxes), HasSubstr("did you mean map"));
  EXPECT_THAT(refused({"xyzzy=1"}, boxes), AllOf(HasSubstr("'xyzzy'"), HasSubstr("map75")));
  for (const char* text : {"map50", "map50=", "map50=high", "map50=nan", "map50=0,5"}) {
    EXPECT_THAT(refused({text}, boxes), HasSubstr("expected NAME=NUMBER, e.g. map50=0.9")) << text;
  }
  EXPECT_THAT(refused({"accuracy=0.5"}, boxes), HasSubstr("it has map, map50"));
}

}  // namespace
}  // namespace preannotate
