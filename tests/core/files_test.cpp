#include "preannotate/core/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <functional>
#include <thread>

#include "preannotate/core/error.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing_support::read_text;
using testing_support::test_folder;
using testing_support::write_text;

size_t entries(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {}));
}

ExitCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.exit_code();
  }
  return kDone;
}

TEST(Files, ReadGivesEveryByte) {
  const auto path = test_folder() / "a";
  std::string bytes = std::string("a\0b\r\n", 5) + std::string(3 << 20, 'x');
  write_text(path, bytes);
  EXPECT_EQ(read_file(path), bytes);
  write_text(path, "");
  EXPECT_EQ(read_file(path), "");
}

TEST(Files, ReadOfWhatIsNoFileIsAUserErrorAndNeverWaits) {
  const auto folder = test_folder();
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  for (const char* name : {"fifo", ".", "missing"}) {
    EXPECT_EQ(code_of([&] { read_file(folder / name); }), kBadInput) << name;
  }
}

// Row 69.
TEST(Files, ReadRefusesMoreThanAskedFor) {
  const auto path = test_folder() / "a";
  write_text(path, "12345");
  EXPECT_EQ(read_file(path, 5), "12345");
  EXPECT_EQ(code_of([&] { read_file(path, 4); }), kBadInput);
  // /proc files have no size; the limit holds all the same.
  EXPECT_EQ(code_of([] { read_file("/proc/self/maps", 100); }), kBadInput);
}

TEST(Files, WrittenFileIsThereWholeAndAlone) {
  const auto folder = test_folder();
  write_file(folder / "a", "old");
  write_file(folder / "a", "new");
  EXPECT_EQ(read_text(folder / "a"), "new");
  EXPECT_EQ(entries(folder), 1u);
}

TEST(Files, WithoutCommitTheOldFileStays) {
  const auto folder = test_folder();
  write_file(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write(std::string(3 << 20, 'x'));
    EXPECT_EQ(read_text(folder / "a"), "old");
  }
  EXPECT_EQ(read_text(folder / "a"), "old");
  EXPECT_EQ(entries(folder), 1u);
}

TEST(Files, WhatCannotBeWrittenIsAUserErrorAndLeavesNothing) {
  const auto folder = test_folder();
  fs::create_directories(folder / "is-a-folder");
  EXPECT_EQ(code_of([&] { write_file(folder / "none" / "a", ""); }), kCannotWrite);
  EXPECT_EQ(code_of([&] { write_file(folder / "is-a-folder", ""); }), kCannotWrite);
  EXPECT_EQ(code_of([&] { write_file(folder / std::string(300, 'n'), ""); }), kCannotWrite);
  EXPECT_EQ(entries(folder), 1u);
}

TEST(Files, AFolderThatTakesNoFilesIsAUserError) {
  EXPECT_EQ(code_of([] {
              AtomicFile file("/proc/self/cannot-be-written");
              file.commit();
            }),
            kCannotWrite);
}

TEST(Files, ManyThreadsWritingOneNameLeaveOneOfTheTexts) {
  const auto folder = test_folder();
  std::vector<std::thread> threads;
  for (char c = 'a'; c < 'e'; ++c) {
    threads.emplace_back([&, c] {
      for (int i = 0; i < 20; ++i) write_file(folder / "file", std::string(10000, c));
    });
  }
  for (auto& thread : threads) thread.join();
  const auto text = read_text(folder / "file");
  EXPECT_EQ(text, std::string(10000, text.front()));
  EXPECT_EQ(entries(folder), 1u);
}

TEST(Files, CacheFolderFollowsTheEnvironment) {
  const auto remember = [](const char* name) {
    return std::string(std::getenv(name) ? std::getenv(name) : "");
  };
  const auto own = remember("PREANNOTATE_CACHE"), xdg = remember("XDG_CACHE_HOME"),
             home = remember("HOME");
  const auto restore = [](const char* name, const std::string& value) {
    value.empty() ? unsetenv(name) : setenv(name, value.c_str(), 1);
  };
  setenv("HOME", "/h", 1);
  setenv("XDG_CACHE_HOME", "relative", 1);
  unsetenv("PREANNOTATE_CACHE");
  EXPECT_EQ(cache_folder(), "/h/.cache/preannotate");
  setenv("XDG_CACHE_HOME", "/x", 1);
  EXPECT_EQ(cache_folder(), "/x/preannotate");
  setenv("PREANNOTATE_CACHE", "/c", 1);
  EXPECT_EQ(cache_folder(), "/c");
  restore("PREANNOTATE_CACHE", own);
  restore("XDG_CACHE_HOME", xdg);
  restore("HOME", home);
}

TEST(Files, ProgramFolderHoldsTheProgram) {
  EXPECT_TRUE(fs::exists(program_folder() / "preannotate_core_tests"));
}

}  // namespace
}  // namespace preannotate
