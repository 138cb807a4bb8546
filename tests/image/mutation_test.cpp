// Damaged files give an ImageError or a picture, never anything else; cut ones never a picture.

#include <gtest/gtest.h>

#include "preannotate/core/random.h"
#include "preannotate/image/decode.h"
#include "support/images.h"

namespace preannotate {
namespace {

using namespace testing_support;

struct Sample {
  const char* name;
  std::string bytes;
};

std::vector<Sample> samples() {
  const auto picture = corner_picture(24, 18);
  std::vector<std::uint16_t> deep;
  for (const auto byte : picture.rgb) deep.push_back(byte * 257);
  return {{"jpeg", with_orientation(jpeg_bytes(picture), 6)},
          {"progressive jpeg", jpeg_bytes(picture, {.progressive = true})},
          {"cmyk jpeg", jpeg_bytes(picture, {.inks = JpegOptions::kYcck})},
          {"png", with_orientation(png_bytes(picture), 6)},
          {"16-bit png", encode_samples(".png", 24, 18, 3, deep)},
          {"webp", with_orientation(webp_bytes(picture, 80), 6)},
          {"lossless webp", webp_bytes(picture, 101)},
          {"bmp", bmp_bytes(picture)},
          {"tiff", with_orientation(tiff_bytes(picture), 6)},
          {"lzw tiff", tiff_bytes(picture, 5)},
          {"deflate tiff", tiff_bytes(picture, 8)},
          {"16-bit tiff", encode_samples(".tiff", 24, 18, 3, deep)}};
}

/// "" when it decoded to a whole picture, else the reason.
std::string reason(std::string_view bytes) {
  try {
    const auto image = decode_image(bytes, {.max_pixels = 1'000'000});
    EXPECT_EQ(image.picture.rgb.size(), size_t{3} * image.picture.width * image.picture.height);
    return image.warning == "missing_eoi" ? "missing_eoi" : "";
  } catch (const ImageError& error) {
    EXPECT_FALSE(error.reason().empty());
    return error.reason();
  }
}

TEST(Mutation, ACutFileIsNeverUsedAsIfItWereWhole) {
  for (const auto& [name, bytes] : samples()) {
    // The last bytes of a TIFF may be padding or the offset of a next page.
    for (size_t length = 0; length < bytes.size(); ++length) {
      const std::string copy =
          bytes.substr(0, length);  // of its own, so that a sanitizer sees the end
      ASSERT_NE(reason(copy), "") << name << " cut to " << length << " of " << bytes.size();
    }
  }
}

TEST(Mutation, AnyChangedByteGivesAPictureOrAnImageError) {
  Random random(3);
  for (const auto& [name, bytes] : samples()) {
    SCOPED_TRACE(name);
    for (int i = 0; i < 1500; ++i) {
      auto bad = bytes;
      const auto changes = 1 + random.below(4);
      for (std::uint64_t k = 0; k < changes; ++k) {
        // Half of them in the headers, which decide most.
        const auto range = random.below(2) ? bad.size() : std::min<size_t>(bad.size(), 120);
        bad[random.below(range)] = static_cast<char>(random.below(256));
      }
      reason(bad);
    }
  }
}

TEST(Mutation, BytesMissingOrAddedInTheMiddleAreSurvived) {
  Random random(4);
  for (const auto& [name, bytes] : samples()) {
    SCOPED_TRACE(name);
    for (int i = 0; i < 300; ++i) {
      auto bad = bytes;
      const auto at = random.below(bad.size() - 1);
      const auto count = 1 + random.below(40);
      random.below(2) ? bad.erase(at, count) : bad.insert(at, count, static_cast<char>(i));
      reason(bad);
    }
  }
}

TEST(Mutation, ADamagedChecksumIsSeen) {
  const auto picture = corner_picture(24, 18);
  for (auto bytes : {png_bytes(picture), tiff_bytes(picture, 8)}) {
    const bool png = bytes.starts_with("\x89PNG");
    const auto at = png ? bytes.find("IDAT") + 30 : size_t{60};
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    EXPECT_EQ(reason(bytes), "corrupt_data") << (png ? "png" : "tiff");
  }
}

}  // namespace
}  // namespace preannotate
