#include "preannotate/model/feature_cache.h"

#include <gtest/gtest.h>

#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing_support::read_text;
using testing_support::test_folder;
using testing_support::write_text;

const std::string kImage(64, 'a');

fs::path only_file(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) return entry.path();
  }
  return {};
}

TEST(FeatureCache, GivesBackWhatItGot) {
  const FeatureCache cache(test_folder(), "setting");
  EXPECT_FALSE(cache.has(kImage, 3));
  cache.write(kImage, {1.5f, -2.0f, 0.0f});
  EXPECT_TRUE(cache.has(kImage, 3));
  EXPECT_EQ(cache.read(kImage, 3), (std::vector<float>{1.5f, -2.0f, 0.0f}));
}

TEST(FeatureCache, AnotherSettingOrSizeIsAbsent) {
  const auto folder = test_folder();
  FeatureCache(folder, "setting").write(kImage, {1, 2, 3});
  EXPECT_FALSE(FeatureCache(folder, "other").has(kImage, 3));
  EXPECT_FALSE(FeatureCache(folder, "setting").has(kImage, 2));
  EXPECT_FALSE(FeatureCache(folder, "setting").has(kImage, 4));
}

TEST(FeatureCache, AnyFlippedBitAndAnyCutMakesAnEntryAbsent) {
  const auto folder = test_folder();
  const FeatureCache cache(folder, "setting");
  cache.write(kImage, {1, 2});
  const auto path = only_file(folder);
  const std::string whole = read_text(path);
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    write_text(path, damaged);
    EXPECT_FALSE(cache.has(kImage, 2)) << "bit " << bit;
  }
  for (size_t length = 0; length < whole.size(); ++length) {
    write_text(path, whole.substr(0, length));
    EXPECT_FALSE(cache.has(kImage, 2)) << "length " << length;
  }
  write_text(path, whole);
  EXPECT_TRUE(cache.has(kImage, 2));
}

TEST(FeatureCache, WithoutAFolderItHoldsNothing) {
  const FeatureCache cache({}, "setting");
  cache.write(kImage, {1});
  EXPECT_FALSE(cache.has(kImage, 1));
}

TEST(FeatureCache, OneThatCannotBeWrittenIsNoError) {
  const auto folder = test_folder();
  write_text(folder / "file", "in the way");
  const FeatureCache cache(folder / "file", "setting");
  cache.write(kImage, {1});
  EXPECT_FALSE(cache.has(kImage, 1));
}

}  // namespace
}  // namespace preannotate
