#include "preannotate/core/problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace preannotate {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ProblemsTest, NoneMeansDoneAndSaysNothing) {
  const Problems problems;
  testing::internal::CaptureStderr();
  problems.log_summary(5);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(problems.exit_code(), kDone);
}

TEST(ProblemsTest, EachIsNamedOnceTheFirstTenOfAReason) {
  Problems problems;
  testing::internal::CaptureStderr();
  for (int i = 0; i < 15; ++i)
    problems.add({"a" + std::to_string(i) + ".jpg", "truncated", "ends early"});
  problems.add({"b.jpg", "not_an_image", "starts with 3c68"});
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("a0.jpg: truncated: ends early\n"));
  EXPECT_THAT(said, HasSubstr("a9.jpg"));
  EXPECT_THAT(said, Not(HasSubstr("a10.jpg")));
  EXPECT_THAT(said, HasSubstr("only counted"));
  EXPECT_THAT(said, HasSubstr("b.jpg"));
  EXPECT_EQ(problems.all().size(), 16u);
  EXPECT_EQ(problems.exit_code(), kSomeSkipped);
  EXPECT_EQ(problems.count_by_reason(),
            (std::map<std::string, size_t>{{"truncated", 15}, {"not_an_image", 1}}));
}

TEST(ProblemsTest, TheSummaryCountsByReason) {
  Problems problems;
  testing::internal::CaptureStderr();
  problems.add({"a", "truncated", ""});
  problems.add({"b", "truncated", ""});
  problems.add({"c\n::error::", "not_an_image", ""});
  problems.log_summary(1050);
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("3 of 1,050 images were left out: 1 not_an_image, 2 truncated\n"));
  EXPECT_THAT(said, Not(HasSubstr("\n::error::")));
}

}  // namespace
}  // namespace preannotate
