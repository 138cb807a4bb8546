#include "model/ranges_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST(RangesJson, KeepsThreeDigitsOfEachNumber) {
  ActivationRanges ranges;
  ranges.ranges = {{{-1.2345f, 0}, {0, 3.14159f}}, {}, {{0, 123.456f}, {0, 0.00123456f}}};
  const auto read = ranges_from_json(ranges_json(ranges), "int8.json").ranges;
  ASSERT_EQ(read.size(), 3);
  ASSERT_EQ(read[0].size(), 2);
  EXPECT_FLOAT_EQ(read[0][0][0], -1.23f);
  EXPECT_FLOAT_EQ(read[0][0][1], 0);
  EXPECT_FLOAT_EQ(read[0][1][1], 3.14f);
  EXPECT_TRUE(read[1].empty());
  ASSERT_EQ(read[2].size(), 2);
  EXPECT_FLOAT_EQ(read[2][0][0], 0);
  EXPECT_FLOAT_EQ(read[2][0][1], 123);
  EXPECT_FLOAT_EQ(read[2][1][1], 0.00123f);
}

TEST(RangesJson, LeavesOutLowsThatAreAllZero) {
  ActivationRanges ranges;
  ranges.ranges = {{{0, 6}}};
  EXPECT_FALSE(ranges_json(ranges).at("ranges").at(0).contains("low"));
}

std::string refused(const char* json) {
  try {
    ranges_from_json(Json::parse(json), "int8.json");
    return "nothing was thrown";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kBadModel);
    return error.what();
  }
}

TEST(RangesJson, SaysWhatIsWrongWithAnotherShape) {
  EXPECT_THAT(refused(R"({})"), AllOf(StartsWith("int8.json"), HasSubstr("ranges")));
  EXPECT_THAT(refused(R"({"ranges": [3]})"), HasSubstr("\"ranges\" is no list of objects"));
  EXPECT_THAT(refused(R"({"ranges": 3})"), HasSubstr("\"ranges\" is no list of objects"));
  EXPECT_THAT(refused(R"({"ranges": [{"high": "6"}]})"),
              HasSubstr("\"high\" is no list of numbers"));
  EXPECT_THAT(refused(R"({"ranges": [{"low": [null], "high": [6]}]})"), HasSubstr("\"low\""));
  EXPECT_THAT(refused(R"({"ranges": [{"low": [-1], "high": [6, 6]}]})"),
              HasSubstr("1 \"low\" and 2 \"high\" numbers"));
}

}  // namespace
}  // namespace preannotate
