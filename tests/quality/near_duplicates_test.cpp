#include "preannotate/quality/near_duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace preannotate {
namespace {

using testing::IsEmpty;

/// On a circle, at these degrees; of any length.
std::vector<std::vector<float>> at_degrees(const std::vector<double>& degrees) {
  std::vector<std::vector<float>> rows;
  for (const double angle : degrees) {
    const double radians = angle * M_PI / 180, length = 1 + static_cast<double>(rows.size());
    rows.push_back({static_cast<float>(length * std::cos(radians)),
                    static_cast<float>(length * std::sin(radians))});
  }
  return rows;
}

std::vector<std::string> different(size_t n) {
  std::vector<std::string> hashes;
  for (size_t i = 0; i < n; ++i) hashes.push_back("hash " + std::to_string(i));
  return hashes;
}

TEST(NearDuplicates, AreMuchCloserThanNeighboursUsuallyAre) {
  const auto pairs = near_duplicates(at_degrees({0, 30, 60, 61, 90, 120}), different(6));
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].a, 2u);
  EXPECT_EQ(pairs[0].b, 3u);
  EXPECT_FALSE(pairs[0].identical);
  // The median of the nearest: between those of 1 (29.9...) and of 30 degrees, (1 - cos) each.
  const double to_61 = 1 - std::cos(29 * M_PI / 180), to_30 = 1 - std::cos(30 * M_PI / 180);
  EXPECT_NEAR(pairs[0].distance, (1 - std::cos(M_PI / 180)) / ((to_61 + to_30) / 2), 1e-3);
}

TEST(NearDuplicates, ThoseAtEvenDistancesAreNone) {
  EXPECT_THAT(near_duplicates(at_degrees({0, 30, 60, 90}), different(4)), IsEmpty());
}

TEST(NearDuplicates, IdenticalBytesComeFirstAndDoNotMoveTheMedian) {
  auto hashes = different(6);
  hashes[4] = hashes[0];
  hashes[5] = hashes[0];
  const auto pairs = near_duplicates(at_degrees({0, 30, 60, 61, 0, 0}), hashes);
  ASSERT_EQ(pairs.size(), 4u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(pairs[i].identical);
    EXPECT_EQ(pairs[i].distance, 0);
  }
  EXPECT_EQ(pairs[0].a, 0u);
  EXPECT_EQ(pairs[0].b, 4u);
  EXPECT_EQ(pairs[2].a, 4u);
  EXPECT_EQ(pairs[3].a, 2u);
}

TEST(NearDuplicates, WithoutFeaturesOnlyIdenticalBytesAreFound) {
  const auto pairs = near_duplicates({{}, {}, {}}, {"x", "y", "x"});
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].b, 2u);
}

TEST(NearDuplicates, FeaturesWithoutDirectionAreNearNothing) {
  EXPECT_THAT(near_duplicates({{0, 0}, {0, 0}, {1, 0}, {0, 1}}, different(4)), IsEmpty());
  EXPECT_THAT(near_duplicates({}, {}), IsEmpty());
}

TEST(NearDuplicates, LongFeaturesAreSummedWhole) {
  // 37 columns: two rounds of 16 and a rest.
  std::vector<float> a(37, 1), b(37, 1), c(37, 1), d(37, -1);
  b[36] = 1.01f;
  c[36] = 8;
  const auto pairs = near_duplicates({a, b, c, d}, different(4));
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].a, 0u);
  EXPECT_EQ(pairs[0].b, 1u);
}

}  // namespace
}  // namespace preannotate
