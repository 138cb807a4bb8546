#include "preannotate/core/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace preannotate {
namespace {

class LogTest : public testing::Test {
 protected:
  void TearDown() override { set_up_log(Verbosity::kNormal, false); }

  static std::string said(Verbosity verbosity) {
    set_up_log(verbosity, true);
    testing::internal::CaptureStderr();
    log_detail("detail");
    log_info("info {} %v");
    log_warning("careful");
    log_error("bad");
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, VerbosityDecidesWhatIsSaid) {
  EXPECT_EQ(said(Verbosity::kQuiet), "preannotate: bad\n");
  EXPECT_EQ(said(Verbosity::kNormal), "info {} %v\nwarning: careful\npreannotate: bad\n");
  EXPECT_EQ(said(Verbosity::kVerbose), "detail\ninfo {} %v\nwarning: careful\npreannotate: bad\n");
}

TEST_F(LogTest, ControlCharactersNeverReachTheTerminal) {
  testing::internal::CaptureStderr();
  log_info("a\x1b[31mb\nc");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "a\\x1B[31mb\\x0Ac\n");
}

TEST_F(LogTest, ProgressWithoutATerminalIsALineEachTenthButOneASecond) {
  testing::internal::CaptureStderr();
  {
    Progress progress("images", 1050);
    for (int i = 0; i < 500; ++i) progress.advance();  // at once: the first line only
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    for (int i = 0; i < 550; ++i) progress.advance();  // the next tenth, and the last
  }
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 3) << said;
  EXPECT_NE(said.find("images: 105 of 1,050 (10 %)"), said.npos) << said;
  EXPECT_NE(said.find("images: 501 of 1,050 (47 %)"), said.npos) << said;
  EXPECT_NE(said.find("images: 1,050 of 1,050 (100 %)"), said.npos) << said;
  EXPECT_EQ(said.find('\x1b'), said.npos);
}

TEST_F(LogTest, ProgressInLeapsAndPastTheEndStaysWithinItsTotal) {
  testing::internal::CaptureStderr();
  {
    Progress progress("images", 7);
    progress.advance(5);
    progress.advance(5);
    progress.advance(5);
  }
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2) << said;
}

TEST_F(LogTest, ProgressIsSilentWhenQuietOrEmpty) {
  testing::internal::CaptureStderr();
  Progress("images", 0).advance();
  set_up_log(Verbosity::kQuiet, false);
  Progress("images", 1).advance();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace preannotate
