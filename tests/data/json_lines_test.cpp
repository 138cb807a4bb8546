#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/lint.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;
using namespace testing_support;

auto lines_of(const std::string& text) {
  const auto file = test_folder() / "a.json";
  write_text(file, text);
  return lines_of_items(file);
}

TEST(JsonLines, ItemsOfListsInTheOutermostObject) {
  EXPECT_THAT(
      lines_of("{\"info\": {\"list\": [1]},\n\"images\": [\n{\"a\": [1, 2]},\n\n{\"b\": "
               "\"]},{\\\"\"}],\n\"items\": [], \"annotations\": [7,\n8, [9, 9]]}"),
      UnorderedElementsAre(Pair("images[0]", 3), Pair("images[1]", 5), Pair("annotations[0]", 6),
                           Pair("annotations[1]", 7), Pair("annotations[2]", 7)));
}

TEST(JsonLines, ItemsOfAnOutermostList) {
  EXPECT_THAT(lines_of("[\n{\"result\": [1, 2]},\n\"text\"\n]"),
              UnorderedElementsAre(Pair("[0]", 2), Pair("[1]", 3)));
}

TEST(JsonLines, OfBrokenTextThoseBeforeTheBreak) {
  EXPECT_THAT(lines_of("{\"images\": [1,\n2, [\""),
              UnorderedElementsAre(Pair("images[0]", 1), Pair("images[1]", 2)));
  EXPECT_TRUE(lines_of("]]]}}}[[[").empty());
  EXPECT_TRUE(lines_of("").empty());
}

}  // namespace
}  // namespace preannotate
