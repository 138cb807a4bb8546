#include "preannotate/image/spare_bytes.h"

#include <gtest/gtest.h>

#include <thread>
#include <utility>

namespace preannotate {
namespace {

TEST(SpareBytes, ComeBackToTheThreadThatKeptThem) {
  std::vector<std::uint8_t> large(5000, 1), small(2000, 2);
  const auto *large_at = large.data(), *small_at = small.data();
  keep_spare(std::move(large));
  keep_spare(std::move(small));
  std::thread([&] { EXPECT_NE(spare_bytes(2000).data(), small_at); }).join();

  const auto first = spare_bytes(1500), second = spare_bytes(1500), third = spare_bytes(1500);
  EXPECT_EQ(first.data(), small_at) << "the smallest that holds them";
  EXPECT_EQ(second.data(), large_at);
  EXPECT_EQ(second.size(), 1500u);
  EXPECT_NE(third.data(), nullptr);
}

TEST(SpareBytes, ALargerOneTakesThePlaceOfTheLargest) {
  std::vector<std::uint8_t> kept(100);
  const auto* at = kept.data();
  keep_spare(std::move(kept));
  keep_spare(std::vector<std::uint8_t>(200));
  EXPECT_EQ(spare_bytes(201).size(), 201u);
  EXPECT_EQ(spare_bytes(100).data(), at) << "the 200 went for the 201";
}

TEST(SpareBytes, VeryLargeOnesAreNotKept) {
  std::vector<std::uint8_t> huge(kLargestSpare + 1);
  huge.back() = 77;
  keep_spare(std::move(huge));
  EXPECT_EQ(spare_bytes(kLargestSpare + 1).back(), 0) << "fresh memory";
}

}  // namespace
}  // namespace preannotate
