#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <atomic>
#include <fstream>
#include <thread>

#include <filesystem>

#include "preannotate/image/decode.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using namespace testing_support;

std::string reason(const std::filesystem::path& path, const DecodeOptions& options = {}) {
  try {
    read_image_file(path, options);
  } catch (const ImageError& error) {
    return error.reason();
  }
  return "none";
}

TEST(ImageFile, IsReadWhole) {
  const auto path = test_folder() / "a.jpg";
  const std::string bytes("\0\1\2\n\r\xFF", 6);
  write_text(path, bytes);
  EXPECT_EQ(read_image_file(path), bytes);
}

TEST(ImageFile, ANameOfAnyBytesIsOpened) {
  const auto path = test_folder() / "-a \xFF\xFE\n%s'\".jpg";
  write_text(path, "x");
  EXPECT_EQ(read_image_file(path), "x");
}

// Rows 35, 47.
TEST(ImageFile, MissingAndBrokenLinksHaveVanished) {
  const auto folder = test_folder();
  std::filesystem::create_symlink("nowhere", folder / "link");
  std::filesystem::create_symlink("loop", folder / "loop");
  write_text(folder / "file", "x");
  EXPECT_EQ(reason(folder / "missing.jpg"), "vanished");
  EXPECT_EQ(reason(folder / "link"), "vanished");
  EXPECT_EQ(reason(folder / "loop"), "vanished");
  EXPECT_EQ(reason(folder / "file/below.jpg"), "vanished");
}

// Row 48.
TEST(ImageFile, FoldersPipesAndDevicesAreNotOpened) {
  const auto folder = test_folder();
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(reason(folder), "not_regular");
  EXPECT_EQ(reason(folder / "pipe"), "not_regular");  // would wait for a writer for ever
  EXPECT_EQ(reason("/dev/zero"), "not_regular");
}

// Row 49.
TEST(ImageFile, AnUnreadableFileNamesThePermission) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads everything";
  const auto path = test_folder() / "a.jpg";
  write_text(path, "x");
  chmod(path.c_str(), 0);
  EXPECT_EQ(reason(path), "permission");
}

TEST(ImageFile, TheSizeLimitIsCheckedBeforeReading) {
  const auto path = test_folder() / "a.jpg";
  write_text(path, "");
  std::filesystem::resize_file(path, std::uint64_t{1} << 40);  // a hole: takes no space
  EXPECT_EQ(reason(path), "file_too_large");
}

// Row 34: a file that is written to while it is read.
TEST(ImageFile, OneThatChangesWhileItIsReadIsRefused) {
  const auto file = test_folder() / "a.jpg";
  write_text(file, std::string(64 << 20, 'x'));
  std::atomic<bool> done{false};
  std::thread writer([&] {
    while (!done) std::ofstream(file, std::ios::in | std::ios::out | std::ios::binary) << 'y';
  });
  std::string reason = "was read";
  try {
    read_image_file(file);
  } catch (const ImageError& error) {
    reason = error.reason();
  }
  done = true;
  writer.join();
  EXPECT_EQ(reason, "changed_during_run");
}

}  // namespace
}  // namespace preannotate
