#include "data/rle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

using testing::HasSubstr;

/// 100 x 100 px, ones in rows and columns 10 to 29.
constexpr const char* kSquare = "bo0d0`20000000000000000000000000000000000000^j6";

std::string error_of(const char* json) {
  try {
    run_lengths(parse_json(json, "rle"), "annotations[0]");
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Rle, CompressedCountsAreThoseOfPycocotools) {
  const auto mask = run_lengths(Json{{"size", {100, 100}}, {"counts", kSquare}}, "here");
  ASSERT_EQ(mask.counts.size(), 41u);
  EXPECT_EQ(mask.counts[0], 1010);
  for (size_t i = 1; i < 40; ++i) EXPECT_EQ(mask.counts[i], i % 2 ? 20 : 80) << i;
  const auto box = corners_around(mask);
  EXPECT_EQ(box.x1, 10);
  EXPECT_EQ(box.y1, 10);
  EXPECT_EQ(box.x2, 30);
  EXPECT_EQ(box.y2, 30);
}

TEST(Rle, ARunOverAColumnsEndHoldsBothEdges) {
  const auto mask =
      run_lengths(parse_json(R"({"size": [4, 3], "counts": [3, 2, 7]})", "rle"), "here");
  const auto box = corners_around(mask);
  EXPECT_EQ(box.x1, 0);
  EXPECT_EQ(box.x2, 2);
  EXPECT_EQ(box.y1, 0);
  EXPECT_EQ(box.y2, 4);
}

TEST(Rle, WhatIsNoneIsRefused) {
  EXPECT_THAT(error_of(R"({"size": [4, 3], "counts": [3, 2, 6]})"),
              HasSubstr("sum to 11, expected 4 x 3 = 12"));
  EXPECT_THAT(error_of(R"({"size": [4, 3], "counts": [3, 2, 9]})"), HasSubstr("sum to more"));
  EXPECT_THAT(error_of(R"({"size": [4, 3], "counts": [-1, 13]})"), HasSubstr("no whole number"));
  EXPECT_THAT(error_of(R"({"size": [4], "counts": []})"), HasSubstr("no [height, width]"));
  EXPECT_THAT(error_of(R"({"size": [4, 3.5], "counts": []})"), HasSubstr("in whole pixels"));
  EXPECT_THAT(error_of(R"({"size": [4, 3], "counts": 7})"), HasSubstr("neither a list nor text"));
  EXPECT_THAT(error_of(R"({"size": [4, 3], "counts": "o"})"), HasSubstr("ends inside a count"));
  EXPECT_THAT(error_of(R"({"size": [4, 3], "counts": " "})"), HasSubstr("what is no count"));
  EXPECT_THAT(error_of(R"({"size": [4, 3], "counts": "oooooooooooooo"})"),
              HasSubstr("what is no count"));
  EXPECT_THAT(error_of(R"({"counts": "1"})"), HasSubstr("field 'size' is missing"));
}

}  // namespace
}  // namespace preannotate
