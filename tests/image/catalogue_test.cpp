// What becomes of each kind of odd image file: one test for each row of the bad-input catalogue.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/image/decode.h"
#include "support/images.h"

namespace preannotate {
namespace {

using namespace testing_support;
using std::string_literals::operator""s;
using testing::HasSubstr;

const Picture kPicture = corner_picture(64, 48);

struct Refusal {
  std::string reason, sentence;
};

Refusal refusal(std::string_view bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(bytes, options);
  } catch (const ImageError& error) {
    return {error.reason(), error.what()};
  }
  return {"none", ""};
}

// Row 1.
TEST(Catalogue, AnEmptyFile) {
  EXPECT_EQ(refusal("").reason, "empty_file");
}

// Row 2.
TEST(Catalogue, TextIsNoImageAndItsFirstBytesAreShown) {
  const auto html = refusal("<html><body>404</body></html>");
  EXPECT_EQ(html.reason, "not_an_image");
  EXPECT_THAT(html.sentence, HasSubstr("3c 68 74 6d 6c"));
  EXPECT_EQ(refusal("BMW is no bitmap, however it begins").reason, "not_an_image");
  EXPECT_EQ(refusal("\xFF").reason, "not_an_image");
}

TEST(Catalogue, AJpegThatIsOnlyItsMarkerIsCut) {
  EXPECT_EQ(refusal("\xFF\xD8").reason, "truncated");
  EXPECT_EQ(refusal("\xFF\xD8\xFF").reason, "truncated");
}

// Row 25.
TEST(Catalogue, EachContainerComesOutAsItWentIn) {
  for (const auto& bytes :
       {png_bytes(kPicture), webp_bytes(kPicture, 101), bmp_bytes(kPicture),
        tiff_bytes(kPicture, 1), tiff_bytes(kPicture, 5), tiff_bytes(kPicture, 8)}) {
    const auto image = decode_image(bytes);
    EXPECT_EQ(difference(image.picture, kPicture), 0);
    EXPECT_EQ(image.warning, "");
    EXPECT_EQ(image.width, 64);
    EXPECT_EQ(image.height, 48);
  }
  EXPECT_LT(difference(decode_image(jpeg_bytes(kPicture, {.quality = 95})).picture, kPicture), 5);
  EXPECT_LT(difference(decode_image(webp_bytes(kPicture)).picture, kPicture), 5);
}

// Row 6.
TEST(Catalogue, BytesAfterTheEndOfAJpegDoNotMatter) {
  const auto image = decode_image(jpeg_bytes(kPicture) + std::string(500, '\0'));
  EXPECT_EQ(image.warning, "");
  EXPECT_EQ(difference(image.picture, decode_image(jpeg_bytes(kPicture)).picture), 0);
}

// Row 8.
TEST(Catalogue, CmykIsConvertedAlsoWhenAdobeInvertedIt) {
  for (const auto inks : {JpegOptions::kCmyk, JpegOptions::kAdobeCmyk, JpegOptions::kYcck}) {
    const auto image = decode_image(jpeg_bytes(kPicture, {.quality = 98, .inks = inks}));
    EXPECT_EQ(corners(image.picture), "RGBW") << inks;
    EXPECT_LT(difference(image.picture, kPicture), 8) << inks;
    EXPECT_EQ(image.warning, "cmyk_converted");
  }
}

// Row 9.
TEST(Catalogue, GreyBecomesThreeEqualChannels) {
  const std::vector<std::uint8_t> grey{0, 100, 200, 255};
  const std::vector<std::uint8_t> expected{0, 0, 0, 100, 100, 100, 200, 200, 200, 255, 255, 255};
  for (const auto* extension : {".png", ".bmp", ".tiff"}) {
    EXPECT_EQ(decode_image(encode_samples(extension, 2, 2, 1, grey)).picture.rgb, expected);
  }
  const auto jpeg = decode_image(jpeg_bytes(kPicture, {.inks = JpegOptions::kGrey})).picture;
  for (size_t i = 0; i < jpeg.rgb.size(); i += 3) {
    ASSERT_TRUE(jpeg.rgb[i] == jpeg.rgb[i + 1] && jpeg.rgb[i] == jpeg.rgb[i + 2]);
  }
}

// Row 10.
TEST(Catalogue, AlphaIsBlendedOnWhite) {
  const std::vector<std::uint8_t> rgba{10, 20, 30, 255, 10, 20, 30, 0, 100, 0, 200, 128};
  const std::vector<std::uint8_t> expected{10, 20, 30, 255, 255, 255, 177, 127, 227};
  for (const auto* extension : {".png", ".tiff"}) {
    const auto image = decode_image(encode_samples(extension, 3, 1, 4, rgba));
    EXPECT_EQ(image.warning, "alpha_blended") << extension;
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(image.picture.rgb[i], expected[i], 1) << extension << " sample " << i;
    }
  }
}

// Row 10.
TEST(Catalogue, GreyWithAlphaIsBlendedToo) {
  const auto header = png_chunk("IHDR", "\0\0\0\x02\0\0\0\x01\x08\x04\0\0\0"s);
  const auto data =
      "\x78\x01\x01\x05\0\xFA\xFF\0\x64\xFF\x64\0"s;  // stored: 100 opaque, 100 hidden
  const auto adler = "\x05\x5A\x01\xC8"s;
  const auto png =
      "\x89PNG\r\n\x1A\n"s + header + png_chunk("IDAT", data + adler) + png_chunk("IEND", "");
  EXPECT_EQ(decode_image(png).picture.rgb,
            (std::vector<std::uint8_t>{100, 100, 100, 255, 255, 255}));
}

TEST(Catalogue, OpaqueAlphaIsNoReasonToWarn) {
  const std::vector<std::uint8_t> rgba{10, 20, 30, 255};
  const auto image = decode_image(encode_samples(".png", 1, 1, 4, rgba));
  EXPECT_EQ(image.warning, "");
  EXPECT_EQ(image.picture.rgb, (std::vector<std::uint8_t>{10, 20, 30}));
}

// Row 11.
TEST(Catalogue, FullyTransparentIsWhiteWhateverLiesBelow) {
  const std::vector<std::uint8_t> rgba{10, 20, 30, 0, 200, 100, 0, 0};
  EXPECT_EQ(decode_image(encode_samples(".png", 2, 1, 4, rgba)).picture.rgb,
            std::vector<std::uint8_t>(6, 255));
}

// Row 12.
TEST(Catalogue, PaletteAndOneBitPicturesAreExpanded) {
  const auto end = png_chunk("IEND", "");
  const auto palette = "\x89PNG\r\n\x1A\n"s +
                       png_chunk("IHDR", "\0\0\0\x02\0\0\0\x01\x08\x03\0\0\0"s) +
                       png_chunk("PLTE", "\x0A\x14\x1E\xC8\x64\x32"s) +
                       png_chunk("IDAT", "\x78\x01\x01\x03\0\xFC\xFF\0\x01\0\0\x05\0\x02"s) + end;
  EXPECT_EQ(decode_image(palette).picture.rgb,
            (std::vector<std::uint8_t>{200, 100, 50, 10, 20, 30}));
  const auto one_bit = "\x89PNG\r\n\x1A\n"s +
                       png_chunk("IHDR", "\0\0\0\x02\0\0\0\x01\x01\0\0\0\0"s) +
                       png_chunk("IDAT", "\x78\x01\x01\x02\0\xFD\xFF\0\x40\0\x42\0\x41"s) + end;
  EXPECT_EQ(decode_image(one_bit).picture.rgb, (std::vector<std::uint8_t>{0, 0, 0, 255, 255, 255}));
}

// Row 13.
TEST(Catalogue, SixteenBitsAreScaledByTheBitsInUse) {
  struct Case {
    std::uint16_t most;
    int divisor;
  };
  for (const auto& [most, divisor] : {Case{255, 255}, Case{1000, 1023}, Case{4095, 4095},
                                      Case{10000, 16383}, Case{65535, 65535}}) {
    const std::vector<std::uint16_t> samples{0, most, std::uint16_t(most / 2), 0};
    for (const auto* extension : {".png", ".tiff"}) {
      const auto image = decode_image(encode_samples(extension, 2, 2, 1, samples));
      EXPECT_EQ(image.picture.rgb[3], std::lround(255.0 * most / divisor)) << extension << most;
      EXPECT_EQ(image.picture.rgb[0], 0);
      EXPECT_EQ(image.warning, "scaled_16_bit");
    }
  }
}

TEST(Catalogue, SixteenBitAlphaIsFullScaleWhateverTheColoursUse) {
  const std::vector<std::uint16_t> rgba{4095, 0, 0, 65535, 4095, 0, 0, 0};
  EXPECT_EQ(decode_image(encode_samples(".png", 2, 1, 4, rgba)).picture.rgb,
            (std::vector<std::uint8_t>{255, 0, 0, 255, 255, 255}));
}

// Row 14.
TEST(Catalogue, FloatTiff) {
  const auto bytes = encode_samples(".tiff", 2, 2, 1, std::vector<float>{0, 0.5f, 1, 2});
  const auto found = refusal(bytes);
  EXPECT_EQ(found.reason, "unsupported_depth");
  EXPECT_THAT(found.sentence, HasSubstr("32-bit floating point"));
}

// Row 21.
TEST(Catalogue, Gif) {
  const auto found = refusal("GIF89a\x01\0\x01\0\0\0\0"s);
  EXPECT_EQ(found.reason, "unsupported_format");
  EXPECT_THAT(found.sentence, HasSubstr("GIF"));
}

// Row 22.
TEST(Catalogue, AnimatedWebp) {
  auto bytes = with_orientation(webp_bytes(kPicture), 1);
  bytes[20] |= 2;  // the extended header's animation flag
  EXPECT_EQ(refusal(bytes).reason, "animated_unsupported");
}

// Row 23.
TEST(Catalogue, AnAnimatedPngGivesItsFirstFrame) {
  const auto bytes = png_bytes(kPicture).insert(33, png_chunk("acTL", "\0\0\0\x02\0\0\0\0"s));
  const auto image = decode_image(bytes);
  EXPECT_EQ(image.warning, "first_frame");
  EXPECT_EQ(difference(image.picture, kPicture), 0);
}

// Row 23.
TEST(Catalogue, AMultipageTiffGivesItsFirstPage) {
  auto bytes = with_orientation(tiff_bytes(kPicture), 1);
  const auto directory = bytes.substr(4, 4);
  bytes.replace(bytes.size() - 4, 4, directory);  // the next directory: some directory
  const auto image = decode_image(bytes);
  EXPECT_EQ(image.warning, "first_frame");
  EXPECT_EQ(difference(image.picture, kPicture), 0);
}

// Row 24.
TEST(Catalogue, FormatsThatAreNotEnabledAreNamed) {
  EXPECT_THAT(refusal("\0\0\0\x20"
                      "ftypavif\0\0\0\0"s)
                  .sentence,
              HasSubstr("AVIF"));
  for (const auto& bytes : {"\0\0\0\x20"
                            "ftypavif\0\0\0\0"s,
                            "\0\0\0\x20"
                            "ftypheic\0\0\0\0"s,
                            "\0\0\0\x0CjP  \r\n\x87\n"s, "\x76\x2F\x31\x01\x02\0\0\0"s}) {
    EXPECT_EQ(refusal(bytes).reason, "format_not_enabled");
  }
}

// Rows 27, 28.
TEST(Catalogue, ADecompressionBombIsRefusedByItsHeader) {
  const auto bomb = [](const std::string& size) {
    return "\x89PNG\r\n\x1A\n"s + png_chunk("IHDR", size + "\x08\x02\0\0\0"s) +
           png_chunk("IDAT", "\x78\x01"s) + png_chunk("IEND", "");
  };
  const auto found = refusal(bomb("\0\0\x75\x30\0\0\x75\x30"s));  // 30000 x 30000
  EXPECT_EQ(found.reason, "too_many_pixels");
  EXPECT_THAT(found.sentence, HasSubstr("30000 x 30000"));
  EXPECT_EQ(refusal(bomb("\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF"s)).reason, "too_many_pixels");
  // OpenCV's own limit shows as a reason too, not as a crash.
  const auto above_opencv =
      refusal(bomb("\0\0\x9C\x40\0\0\x9C\x40"s), {.max_pixels = std::int64_t{1} << 40});
  EXPECT_EQ(above_opencv.reason, "corrupt_data");
}

TEST(Catalogue, TheLimitOfPixelsHoldsForEachContainer) {
  const DecodeOptions few{.max_pixels = 64 * 48 - 1};
  const DecodeOptions enough{.max_pixels = 64 * 48};
  for (const auto& bytes :
       {jpeg_bytes(kPicture), png_bytes(kPicture), webp_bytes(kPicture), webp_bytes(kPicture, 101),
        with_orientation(webp_bytes(kPicture), 1), bmp_bytes(kPicture), tiff_bytes(kPicture)}) {
    EXPECT_EQ(refusal(bytes, few).reason, "too_many_pixels");
    EXPECT_EQ(refusal(bytes, enough).reason, "none");
  }
}

// Row 29.
TEST(Catalogue, AFrameWithoutPixels) {
  auto jpeg = jpeg_bytes(kPicture);
  const auto frame = jpeg.find("\xFF\xC0");
  jpeg.replace(frame + 7, 2, "\0\0"s);  // width
  const auto cut_size = [](std::string bytes, size_t at, size_t count) {
    return bytes.replace(at, count, std::string(count, '\0'));
  };
  const auto png = "\x89PNG\r\n\x1A\n"s + png_chunk("IHDR", "\0\0\0\0\0\0\0\x01\x08\x02\0\0\0"s) +
                   png_chunk("IEND", "");
  EXPECT_EQ(refusal(png).reason, "bad_header");
  EXPECT_EQ(refusal(cut_size(bmp_bytes(kPicture), 18, 4)).reason, "bad_header");
  EXPECT_EQ(refusal(cut_size(bmp_bytes(kPicture), 28, 2)).reason, "bad_header");  // bits a pixel
  EXPECT_EQ(refusal(cut_size(webp_bytes(kPicture), 26, 2)).reason, "bad_header");
  EXPECT_EQ(refusal(jpeg).reason, "corrupt_data");  // libjpeg's own header check
}

// Rows 30, 31.
TEST(Catalogue, TinyAndExtremeFrames) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 2000}, {2000, 1}, {3000, 750}}) {
    const auto picture = corner_picture(width, height);
    for (const auto& bytes : {jpeg_bytes(picture), png_bytes(picture), webp_bytes(picture),
                              bmp_bytes(picture), tiff_bytes(picture)}) {
      const auto image = decode_image(bytes, {.min_side = 224});
      EXPECT_EQ(image.width, width);
      EXPECT_EQ(image.height, height);
    }
  }
}

// Row 32.
TEST(Catalogue, AFileAboveTheLimit) {
  const auto bytes = png_bytes(kPicture);
  EXPECT_EQ(refusal(bytes, {.max_file_bytes = bytes.size() - 1}).reason, "file_too_large");
  EXPECT_EQ(refusal(bytes, {.max_file_bytes = bytes.size()}).reason, "none");
}

}  // namespace
}  // namespace preannotate
