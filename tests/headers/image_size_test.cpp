#include "preannotate/headers/image_size.h"

#include <gtest/gtest.h>

#include "preannotate/core/random.h"
#include "support/images.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using namespace testing_support;

constexpr int kWidth = 31, kHeight = 17;
const Picture kPicture = corner_picture(kWidth, kHeight);

TEST(ImageSizeTest, IsThatOfEachContainer) {
  for (const auto& bytes : {jpeg_bytes(kPicture), png_bytes(kPicture), webp_bytes(kPicture),
                            tiff_bytes(kPicture), bmp_bytes(kPicture)}) {
    EXPECT_EQ(image_size(bytes), (ImageSize{kWidth, kHeight, 1}));
  }
}

TEST(ImageSizeTest, IsUpright) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto bytes = with_exif(jpeg_bytes(kPicture), exif_block(orientation, true));
    const bool lying = orientation >= 5;
    EXPECT_EQ(image_size(bytes),
              (ImageSize{lying ? kHeight : kWidth, lying ? kWidth : kHeight, orientation}));
  }
}

TEST(ImageSizeTest, OfAFileIsThatOfItsBytes) {
  const auto file = test_folder() / "a.jpg";
  write_text(file, tiff_bytes(kPicture));
  EXPECT_EQ(image_size_of(file), (ImageSize{kWidth, kHeight, 1}));
}

TEST(ImageSizeTest, AHeaderFarBackIsFound) {
  // A comment of 64 KB each, five times: the frame header lies behind the first 256 KB.
  const auto jpeg = jpeg_bytes(kPicture);
  std::string comments;
  for (int i = 0; i < 5; ++i) comments += "\xFF\xFE\xFF\xFF" + std::string(0xFFFD, 'x');
  const auto file = test_folder() / "a.jpg";
  write_text(file, jpeg.substr(0, 2) + comments + jpeg.substr(2));
  EXPECT_EQ(image_size_of(file), (ImageSize{kWidth, kHeight, 1}));
}

TEST(ImageSizeTest, WhatIsNoImageHasNone) {
  const auto root = test_folder();
  write_text(root / "text.jpg", "text");
  write_text(root / "empty.jpg", "");
  EXPECT_EQ(image_size_of(root / "text.jpg"), std::nullopt);
  EXPECT_EQ(image_size_of(root / "empty.jpg"), std::nullopt);
  EXPECT_EQ(image_size_of(root / "none.jpg"), std::nullopt);
  EXPECT_EQ(image_size_of(root), std::nullopt);
  EXPECT_EQ(image_size("GIF89a.........."), std::nullopt);
}

TEST(ImageSizeTest, DamageNeverMakesItReadOutsideNorThrow) {
  Random random(7);
  for (const auto& whole : {jpeg_bytes(kPicture), png_bytes(kPicture), webp_bytes(kPicture),
                            tiff_bytes(kPicture), bmp_bytes(kPicture)}) {
    for (int trial = 0; trial < 2000; ++trial) {
      std::string bytes = whole.substr(0, random.below(whole.size() + 1));
      for (int i = 0; i < 4 && !bytes.empty(); ++i) {
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
      }
      const auto size = image_size(bytes);
      if (size) {
        EXPECT_TRUE(size->width > 0 && size->height > 0);
      }
    }
  }
}

}  // namespace
}  // namespace preannotate
