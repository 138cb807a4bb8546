#include <gtest/gtest.h>

#include "preannotate/image/decode.h"
#include "support/images.h"

namespace preannotate {
namespace {

using namespace testing_support;

/// Where the corners of the stored frame (R G / B W) lie once EXIF value 1-8 is applied.
constexpr const char* kUpright[] = {"RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB"};

class OrientationTest : public testing::TestWithParam<const char*> {
 protected:
  std::string encode(const Picture& picture) const {
    const std::string_view container = GetParam();
    if (container == "jpeg") return jpeg_bytes(picture);
    if (container == "png") return png_bytes(picture);
    if (container == "webp") return webp_bytes(picture);
    if (container == "webp_lossless") return webp_bytes(picture, 101);
    if (container == "tiff_lzw") return tiff_bytes(picture, 5);
    return tiff_bytes(picture);
  }
};

// Rows 15, 16.
TEST_P(OrientationTest, EveryValueTurnsThePictureAsExifSays) {
  const auto stored = encode(corner_picture(60, 40));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto image = decode_image(with_orientation(stored, orientation));
    const bool sideways = orientation >= 5;
    EXPECT_EQ(corners(image.picture), kUpright[orientation - 1]) << "orientation " << orientation;
    EXPECT_EQ(image.orientation, orientation);
    EXPECT_EQ(image.width, sideways ? 40 : 60);
    EXPECT_EQ(image.height, sideways ? 60 : 40);
    EXPECT_EQ(image.picture.width, image.width);
    EXPECT_EQ(image.picture.height, image.height);
  }
}

// Row 17.
TEST_P(OrientationTest, ValuesThatDoNotExistAreIgnored) {
  const auto stored = encode(corner_picture(60, 40));
  for (const int orientation : {0, 9, 99}) {
    const auto image = decode_image(with_orientation(stored, orientation));
    EXPECT_EQ(corners(image.picture), "RGBW");
    EXPECT_EQ(image.orientation, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Containers, OrientationTest,
                         testing::Values("jpeg", "png", "webp", "webp_lossless", "tiff",
                                         "tiff_lzw"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Orientation, A16BitTiffIsTurnedOnceToo) {
  std::vector<std::uint16_t> samples;
  for (const auto byte : corner_picture(60, 40).rgb) samples.push_back(byte * 257);
  const auto stored = encode_samples(".tiff", 60, 40, 3, samples);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto image = decode_image(with_orientation(stored, orientation));
    EXPECT_EQ(corners(image.picture), kUpright[orientation - 1]) << "orientation " << orientation;
  }
}

TEST(Orientation, AScaledJpegKeepsTheFullFrameUpright) {
  const auto bytes = with_orientation(jpeg_bytes(corner_picture(320, 240)), 6);
  const auto image = decode_image(bytes, {.min_side = 60});
  EXPECT_EQ(corners(image.picture), "BRWG");
  EXPECT_EQ(image.width, 240);
  EXPECT_EQ(image.height, 320);
  EXPECT_EQ(image.picture.width, 60);
  EXPECT_EQ(image.picture.height, 80);
}

}  // namespace
}  // namespace preannotate
