#include "data/box_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace preannotate {
namespace {

using testing::HasSubstr;

TEST(BoxCheck, ABoxInsideStaysAsItIs) {
  const auto verdict = checked_box({10.5, 20, 640, 480}, 640, 480);
  EXPECT_EQ(verdict.box, (Box{10.5f, 20, 640, 480}));
  EXPECT_EQ(verdict.reason, "");
}

TEST(BoxCheck, ABoxBeyondTheImageIsClippedAndSaidWhenAPixelStays) {
  const auto verdict = checked_box({-5, 20, 41, 500}, 640, 480);
  EXPECT_EQ(verdict.box, (Box{0, 20, 41, 480}));
  EXPECT_EQ(verdict.reason, "box_clipped");
  EXPECT_THAT(verdict.detail, HasSubstr("box -5,20 to 41,500 in an image of 640 x 480 px"));
  EXPECT_EQ(checked_box({639, 0, 700, 10}, 640, 480).reason, "box_clipped");
}

TEST(BoxCheck, ABoxOfWhichNoPixelIsInTheImageIsLeftOut) {
  for (const Corners& box : {Corners{639.5, 0, 700, 10}, Corners{-20, 0, 0, 10},
                             Corners{0, 480, 10, 500}, Corners{1e300, 0, 2e300, 10}}) {
    const auto verdict = checked_box(box, 640, 480);
    EXPECT_FALSE(verdict.box);
    EXPECT_EQ(verdict.reason, "box_outside_image") << verdict.detail;
  }
}

TEST(BoxCheck, ABoxOfZeroOrNegativeSizeIsLeftOut) {
  for (const Corners& box :
       {Corners{5, 5, 5, 10}, Corners{5, 5, 10, 5}, Corners{10, 5, 5, 10}, Corners{NAN, 0, 5, 5}}) {
    const auto verdict = checked_box(box, 640, 480);
    EXPECT_FALSE(verdict.box);
    EXPECT_EQ(verdict.reason, "empty_box");
  }
}

TEST(BoxCheck, ABoxSoThinThatFloatsDoNotTellItsSidesApartIsLeftOut) {
  for (const Corners& box : {Corners{5, 5, 5 + 1e-9, 10}, Corners{1e9, 1e9, 1e12, 1e9 + 5}}) {
    const auto verdict = checked_box(box, 0, 0);
    EXPECT_FALSE(verdict.box);
    EXPECT_EQ(verdict.reason, "empty_box");
  }
}

TEST(BoxCheck, DigitsThatRoundingLeftBeyondTheBorderAreNoFault) {
  const auto verdict = checked_box({-0.004, 0, 640.01, 480}, 640, 480);
  EXPECT_EQ(verdict.box, (Box{0, 0, 640, 480}));
  EXPECT_EQ(verdict.reason, "");
}

TEST(BoxCheck, WithoutASizeOnlyTheOriginBounds) {
  EXPECT_EQ(checked_box({10, 10, 90000, 90000}, 0, 0).box, (Box{10, 10, 90000, 90000}));
  EXPECT_EQ(checked_box({-10, 10, 90, 90}, 0, 0).reason, "box_clipped");
}

}  // namespace
}  // namespace preannotate
