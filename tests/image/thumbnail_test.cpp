#include <gtest/gtest.h>

#include "preannotate/image/decode.h"
#include "support/images.h"

namespace preannotate {
namespace {

using namespace testing_support;

TEST(Thumbnail, FitsTheLongSideAndKeepsTheShape) {
  const auto small = thumbnail(corner_picture(400, 300), 100);
  EXPECT_EQ(small.width, 100);
  EXPECT_EQ(small.height, 75);
  EXPECT_EQ(corners(small), "RGBW");
  EXPECT_EQ(thumbnail(corner_picture(30, 400), 100).height, 100);
}

TEST(Thumbnail, IsNeverEnlarged) {
  const auto picture = corner_picture(40, 30);
  EXPECT_EQ(thumbnail(picture, 100).rgb, picture.rgb);
}

TEST(Thumbnail, OfAThinPictureHasAtLeastOnePixelAcross) {
  const auto small = thumbnail(corner_picture(1, 2000), 100);
  EXPECT_EQ(small.width, 1);
  EXPECT_EQ(small.height, 100);
}

}  // namespace
}  // namespace preannotate
