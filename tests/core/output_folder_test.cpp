#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing_support::read_text;
using testing_support::test_folder;
using testing_support::write_text;

const std::vector<std::string> kOwn = {"run.json", "sub"};

size_t entries(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {}));
}

ExitCode code_of_making(const fs::path& path, bool force) {
  try {
    OutputFolder output(path, force, kOwn);
  } catch (const UserError& error) {
    return error.exit_code();
  }
  return kDone;
}

TEST(OutputFolderTest, AppearsWholeAtCommitAndNotBefore) {
  const auto root = test_folder();
  {
    OutputFolder output(root / "deep" / "out", false, kOwn);
    write_text(output.path() / "run.json", "{}");
    write_text(output.path() / "sub" / "a", "a");
    EXPECT_FALSE(fs::exists(output.final_path()));
    output.commit();
  }
  EXPECT_EQ(read_text(root / "deep" / "out" / "sub" / "a"), "a");
  EXPECT_EQ(entries(root / "deep"), 1u);
}

TEST(OutputFolderTest, WithoutCommitNothingIsLeft) {
  const auto root = test_folder();
  { write_text(OutputFolder(root / "out", false, kOwn).path() / "run.json", "{}"); }
  EXPECT_EQ(entries(root), 0u);
}

TEST(OutputFolderTest, AnExistingOneNeedsForce) {
  const auto root = test_folder();
  write_text(root / "out" / "run.json", "old");
  EXPECT_EQ(code_of_making(root / "out", false), kOutputExists);
  EXPECT_EQ(read_text(root / "out" / "run.json"), "old");
  {
    OutputFolder output(root / "out", true, kOwn);
    write_text(output.path() / "sub" / "a", "new");
    EXPECT_EQ(read_text(root / "out" / "run.json"), "old") << "in place until commit";
    output.commit();
  }
  EXPECT_FALSE(fs::exists(root / "out" / "run.json"));
  EXPECT_EQ(read_text(root / "out" / "sub" / "a"), "new");
  EXPECT_EQ(entries(root), 1u);
}

TEST(OutputFolderTest, AForeignEntryIsNamedAndNeverReplaced) {
  const auto root = test_folder();
  write_text(root / "out" / "run.json", "old");
  write_text(root / "out" / "holiday.jpg", "mine");
  try {
    OutputFolder output(root / "out", true, kOwn);
    FAIL() << "was taken";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kOutputExists);
    EXPECT_THAT(error.what(), HasSubstr("holiday.jpg"));
  }
  EXPECT_EQ(read_text(root / "out" / "holiday.jpg"), "mine");
}

TEST(OutputFolderTest, AForeignEntryThatAppearedMeanwhileStopsTheCommit) {
  const auto root = test_folder();
  fs::create_directories(root / "out");
  {
    OutputFolder output(root / "out", true, kOwn);
    write_text(root / "out" / "holiday.jpg", "mine");
    EXPECT_THROW(output.commit(), UserError);
  }
  EXPECT_EQ(read_text(root / "out" / "holiday.jpg"), "mine");
  EXPECT_EQ(entries(root), 1u);
}

TEST(OutputFolderTest, AnEmptyOneAndAPathWithASlashAreTaken) {
  const auto root = test_folder();
  fs::create_directories(root / "out");
  {
    OutputFolder output(root / "out" / "", true, kOwn);
    write_text(output.path() / "run.json", "new");
    output.commit();
  }
  EXPECT_EQ(read_text(root / "out" / "run.json"), "new");
}

TEST(OutputFolderTest, AFileABrokenLinkAndAPathBelowAFileAreRefused) {
  const auto root = test_folder();
  write_text(root / "file", "mine");
  fs::create_symlink("nowhere", root / "link");
  EXPECT_EQ(code_of_making(root / "file", true), kOutputExists);
  EXPECT_EQ(code_of_making(root / "link", true), kOutputExists);
  EXPECT_EQ(code_of_making(root / "file" / "out", false), kCannotWrite);
  EXPECT_EQ(code_of_making("/proc/out", false), kCannotWrite);
  EXPECT_EQ(read_text(root / "file"), "mine");
  EXPECT_EQ(entries(root), 2u);
}

TEST(OutputFolderTest, ALinkToAFolderStaysALink) {
  const auto root = test_folder();
  fs::create_directories(root / "disk" / "real");
  fs::create_symlink(root / "disk" / "real", root / "out");
  {
    OutputFolder output(root / "out", true, kOwn);
    write_text(output.path() / "run.json", "new");
    output.commit();
  }
  EXPECT_TRUE(fs::is_symlink(root / "out"));
  EXPECT_EQ(read_text(root / "disk" / "real" / "run.json"), "new");
}

TEST(OutputFolderTest, TwoRunsToOnePlaceDoNotMix) {
  const auto root = test_folder();
  std::optional<OutputFolder> first;
  first.emplace(root / "out", false, kOwn);
  write_text(first->path() / "run.json", "first");
  EXPECT_EQ(code_of_making(root / "out", false), kOutputExists);
  first->commit();
  first.reset();
  EXPECT_EQ(read_text(root / "out" / "run.json"), "first");
}

TEST(OutputFolderTest, WhatAKilledRunLeftIsTakenOver) {
  const auto root = test_folder();
  const pid_t child = fork();
  if (child == 0) {
    OutputFolder output(root / "out", false, kOwn);
    write_text(output.path() / "leftover", "x");
    _exit(0);  // as a kill would: no destructor runs
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(entries(root), 1u) << "the killed run's partial folder";
  {
    OutputFolder output(root / "out", false, kOwn);
    EXPECT_FALSE(fs::exists(output.path() / "leftover"));
    write_text(output.path() / "run.json", "second");
    output.commit();
  }
  EXPECT_EQ(entries(root), 1u);
  EXPECT_EQ(read_text(root / "out" / "run.json"), "second");
}

}  // namespace
}  // namespace preannotate
