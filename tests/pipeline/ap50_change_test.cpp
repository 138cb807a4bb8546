#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/ap50_interval.h"

namespace preannotate {
namespace {

/// Each image has one object of either category in turn, found where `found` says so.
std::vector<DetectionImage> images(const std::vector<bool>& found) {
  std::vector<DetectionImage> all;
  for (size_t i = 0; i < found.size(); ++i) {
    const int category = static_cast<int>(i % 2);
    DetectionImage image;
    image.truth.push_back({Box{0, 0, 10, 10}, category});
    if (found[i]) image.drafts.push_back({Box{0, 0, 10, 10}, category, 0.9});
    all.push_back(image);
  }
  return all;
}

TEST(Ap50Change, OfTheSameDetectorIsNothing) {
  const auto once = images({true, false, true, true, false, true});
  const auto change = ap50_change(once, once, 2, 1);
  EXPECT_EQ(change.all.value, 0);
  EXPECT_EQ(change.all.low, 0);
  EXPECT_EQ(change.all.high, 0);
}

TEST(Ap50Change, IsTheMeanOverTheClassesOfWhatWasLost) {
  const std::vector<bool> all(40, true);
  std::vector<bool> half = all;
  for (size_t i = 0; i < half.size(); i += 2) half[i] = false;  // all of category 0
  const auto change = ap50_change(images(all), images(half), 2, 1);
  EXPECT_DOUBLE_EQ(change.all.value, -0.5);
  EXPECT_DOUBLE_EQ(change.classes[0].value, -1);
  EXPECT_DOUBLE_EQ(change.classes[1].value, 0);
  EXPECT_LT(change.all.high, 0);
  EXPECT_TRUE(change.classes[0].beyond_noise());
  EXPECT_FALSE(change.classes[1].beyond_noise());
}

TEST(Ap50Change, OneImageMoreOrLessIsWithinChance) {
  std::vector<bool> before(40, true), after(40, true);
  before[3] = false;
  after[8] = false;
  const auto change = ap50_change(images(before), images(after), 2, 1);
  EXPECT_LT(change.all.low, 0);
  EXPECT_GT(change.all.high, 0);
}

TEST(Ap50Change, AClassWithoutObjectsCountsForNothing) {
  const std::vector<bool> all(10, true), none(10, false);
  const auto change = ap50_change(images(all), images(none), 3, 1);
  EXPECT_DOUBLE_EQ(change.all.value, -1);
  EXPECT_EQ(change.classes[2].value, 0);
}

}  // namespace
}  // namespace preannotate
