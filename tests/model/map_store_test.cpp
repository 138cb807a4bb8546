#include "preannotate/model/map_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <thread>

#include "preannotate/core/error.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing_support::test_folder;
using testing_support::write_text;

constexpr std::uint64_t kPlenty = 1 << 30;

std::vector<MapStore::Level> levels() {
  return {{.height = 4, .width = 6, .channels = 5}, {.height = 2, .width = 3, .channels = 7}};
}

std::vector<torch::Tensor> random_maps() {
  return {torch::randn({4, 6, 5}), torch::randn({2, 3, 7})};
}

/// The UserError of making a store, as "code: sentence".
std::string refusal(std::int64_t views, std::uint64_t budget, const fs::path& folder) {
  try {
    const MapStore store(levels(), views, budget, folder);
    return "made";
  } catch (const UserError& error) {
    return std::to_string(error.exit_code()) + ": " + error.what();
  }
}

TEST(MapStore, GivesBackWhatWasPutInTheOrderAskedFor) {
  torch::manual_seed(1);
  MapStore store(levels(), 3, kPlenty, test_folder());
  std::vector<std::vector<torch::Tensor>> put;
  for (std::int64_t view = 0; view < 3; ++view) {
    put.push_back(random_maps());
    store.put(view, put.back());
  }
  const std::vector<std::int64_t> wanted{2, 0, 2, 1};
  const auto got = store.gather(wanted);
  ASSERT_EQ(got.size(), 2u);
  for (size_t level = 0; level < 2; ++level) {
    EXPECT_EQ(got[level].scalar_type(), torch::kFloat32);
    EXPECT_TRUE(got[level].is_contiguous());
    ASSERT_EQ(got[level].size(0), 4);
    for (size_t i = 0; i < wanted.size(); ++i) {
      const auto& expected = put[static_cast<size_t>(wanted[i])][level];
      const auto row = got[level][static_cast<std::int64_t>(i)];
      EXPECT_TRUE(torch::equal(row, expected.to(torch::kBFloat16).to(torch::kFloat32)));
      EXPECT_TRUE(torch::allclose(row, expected, 1.0 / 256, 0));
    }
  }
}

TEST(MapStore, AFileHoldsTheSameValuesAsMemory) {
  torch::manual_seed(2);
  const auto folder = test_folder();
  MapStore memory(levels(), 5, kPlenty, folder), file(levels(), 5, 10, folder);
  EXPECT_TRUE(memory.in_memory());
  EXPECT_FALSE(file.in_memory());
  for (std::int64_t view = 0; view < 5; ++view) {
    const auto maps = random_maps();
    memory.put(view, maps);
    file.put(view, maps);
  }
  const auto a = memory.gather({4, 1, 0, 3, 2}), b = file.gather({4, 1, 0, 3, 2});
  for (size_t level = 0; level < 2; ++level) EXPECT_TRUE(torch::equal(a[level], b[level]));
}

TEST(MapStore, AFileLeavesNothingInTheFolderNotEvenWhileInUse) {
  const auto folder = test_folder() / "made" / "on demand";
  {
    MapStore store(levels(), 2, 0, folder);
    store.put(1, random_maps());
    ASSERT_FALSE(store.in_memory());
    EXPECT_TRUE(fs::is_empty(folder));
  }
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(MapStore, InMemoryItTouchesNoFolder) {
  const auto folder = test_folder() / "never made";
  const MapStore store(levels(), 2, kPlenty, folder);
  EXPECT_FALSE(fs::exists(folder));
}

TEST(MapStore, TheBudgetIsInBytesOfTwoAValue) {
  const auto folder = test_folder();
  const std::uint64_t bytes = 2 * 3 * (4 * 6 * 5 + 2 * 3 * 7);
  const MapStore fits(levels(), 3, bytes, folder), does_not(levels(), 3, bytes - 1, folder);
  EXPECT_EQ(fits.bytes(), bytes);
  EXPECT_TRUE(fits.in_memory());
  EXPECT_FALSE(does_not.in_memory());
}

TEST(MapStore, ThreadsMayPutDifferentViewsAtOnce) {
  constexpr std::int64_t kViews = 64;
  MapStore store(levels(), kViews, 0, test_folder());
  std::vector<std::thread> threads;
  for (std::int64_t first = 0; first < 4; ++first) {
    threads.emplace_back([&store, first] {
      for (std::int64_t view = first; view < kViews; view += 4) {
        const auto value = static_cast<double>(view);
        store.put(view, {torch::full({4, 6, 5}, value), torch::full({2, 3, 7}, -value)});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (std::int64_t view = 0; view < kViews; ++view) {
    const auto maps = store.gather({view});
    const auto value = static_cast<float>(view);
    EXPECT_TRUE((maps[0] == value).all().item<bool>()) << view;
    EXPECT_TRUE((maps[1] == -value).all().item<bool>()) << view;
  }
}

TEST(MapStore, AFolderThatCannotHoldItIsNamed) {
  const auto folder = test_folder();
  write_text(folder / "file", "");
  EXPECT_THAT(refusal(2, 0, folder / "file"), AllOf(HasSubstr("7: "), HasSubstr("file")));
  EXPECT_THAT(refusal(std::int64_t{1} << 46, 0, folder),
              AllOf(HasSubstr("7: "), HasSubstr(folder.string())));
  EXPECT_TRUE(fs::exists(folder / "file"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST(MapStore, MoreMemoryThanThereIsIsRefused) {
  const auto views = std::int64_t{1} << 46;
  EXPECT_THAT(refusal(views, ~std::uint64_t{0}, test_folder()), HasSubstr("7: "));
}

TEST(MapStore, NoViewsAreNoError) {
  EXPECT_EQ(refusal(0, kPlenty, test_folder()), "made");
}

}  // namespace
}  // namespace preannotate
