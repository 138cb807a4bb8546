#include "preannotate/headers/exif.h"

#include <gtest/gtest.h>

#include "preannotate/core/random.h"
#include "support/images.h"

namespace preannotate {
namespace {

using namespace testing_support;
using std::string_literals::operator""s;

const Picture kPicture = corner_picture(16, 12);

TEST(Exif, BothByteOrdersAreRead) {
  for (const bool big_endian : {false, true}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      const auto bytes = with_exif(jpeg_bytes(kPicture), exif_block(orientation, big_endian));
      EXPECT_EQ(exif_orientation(bytes), orientation) << "big endian: " << big_endian;
    }
  }
}

TEST(Exif, NoneMeansUpright) {
  for (const auto& bytes : {jpeg_bytes(kPicture), png_bytes(kPicture), webp_bytes(kPicture),
                            tiff_bytes(kPicture), bmp_bytes(kPicture), ""s, "text"s}) {
    EXPECT_EQ(exif_orientation(bytes), 1);
  }
}

// Row 17.
TEST(Exif, AValueOutOfRangeMeansUpright) {
  for (const int orientation : {0, 9, 99, 65535}) {
    EXPECT_EQ(exif_orientation(with_exif(jpeg_bytes(kPicture), exif_block(orientation))), 1);
    EXPECT_EQ(exif_orientation(with_orientation(tiff_bytes(kPicture), orientation)), 1);
  }
}

// Row 17.
TEST(Exif, ABrokenDirectoryMeansUpright) {
  const auto block = exif_block(6);
  const std::string broken[] = {
      block.substr(0, 7),                                    // ends in the header
      block.substr(0, 9),                                    // ends before the count of entries
      block.substr(0, 16),                                   // ends in the entry
      std::string(block).replace(4, 4, "\xFF\xFF\xFF\x7F"),  // the directory lies past the end
      std::string(block).replace(2, 2, "\x2B\0"s),           // not 42
      std::string(block).replace(12, 2, "\x0C\0"s),          // the value is a double
      std::string(block).replace(14, 4, "\0\0\0\0"s),        // of no values
      std::string(block).replace(0, 2, "XX"),
  };
  for (const auto& bad : broken) {
    EXPECT_EQ(exif_orientation(with_exif(jpeg_bytes(kPicture), bad)), 1);
  }
}

// Row 18.
TEST(Exif, ValuesPastTheEndMeanUpright) {
  // 100 values do not fit into the entry, so it holds an offset, and that points outside.
  auto block = exif_block(6);
  block.replace(14, 4, "\x64\0\0\0"s).replace(18, 4, "\xF0\xFF\xFF\xFF"s);
  EXPECT_EQ(exif_orientation(with_exif(jpeg_bytes(kPicture), block)), 1);
}

// Row 18.
TEST(Exif, ADirectoryThatPointsToItselfEnds) {
  auto block = exif_block(6);
  block.replace(22, 4, "\x08\0\0\0"s);  // the next directory is this one
  EXPECT_EQ(exif_orientation(with_exif(jpeg_bytes(kPicture), block)), 6);
}

TEST(Exif, ADirectoryOfTooManyEntriesEnds) {
  auto block = exif_block(6);
  block.replace(8, 2, "\xFF\xFF");
  EXPECT_EQ(exif_orientation(with_exif(jpeg_bytes(kPicture), block)), 6);
  EXPECT_EQ(exif_orientation(block + std::string(1 << 20, '\0')), 6);
}

TEST(Exif, AnyBytesGiveAValueFrom1To8) {
  Random random(11);
  for (const auto& whole :
       {with_orientation(jpeg_bytes(kPicture), 6), with_orientation(png_bytes(kPicture), 6),
        with_orientation(webp_bytes(kPicture), 6), with_orientation(tiff_bytes(kPicture), 6)}) {
    for (size_t length = 0; length < whole.size(); ++length) {
      const int orientation = exif_orientation(std::string_view(whole).substr(0, length));
      ASSERT_TRUE(orientation >= 1 && orientation <= 8);
    }
    for (int i = 0; i < 3000; ++i) {
      auto bytes = whole;
      for (int k = 0; k < 3; ++k) bytes[random.below(bytes.size())] = char(random.below(256));
      const int orientation = exif_orientation(bytes);
      ASSERT_TRUE(orientation >= 1 && orientation <= 8);
    }
  }
}

}  // namespace
}  // namespace preannotate
