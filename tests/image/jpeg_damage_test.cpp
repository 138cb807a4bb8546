#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "preannotate/core/random.h"
#include "preannotate/image/decode.h"
#include "support/images.h"

namespace preannotate {
namespace {

using namespace testing_support;

/// The reason, or "used" with its warning, and the picture then.
struct Outcome {
  std::string code, sentence;
  Picture picture;
};

Outcome outcome(std::string_view bytes) {
  try {
    auto image = decode_image(bytes);
    const auto code = image.warning.empty() ? "used" : "used, " + image.warning;
    return {code, "", std::move(image.picture)};
  } catch (const ImageError& error) {
    return {error.reason(), error.what(), {}};
  }
}

/// Sizes on and off the block grid, each kind of scan.
std::vector<std::pair<std::string, std::string>> samples() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [width, height] : {std::pair{64, 48}, {97, 61}, {320, 240}, {33, 200}}) {
    const auto picture = corner_picture(width, height);
    const auto size = std::to_string(width) + "x" + std::to_string(height);
    const auto add = [&](const char* kind, const JpegOptions& options) {
      all.emplace_back(size + " " + kind, jpeg_bytes(picture, options));
    };
    add("4:2:0", {});
    add("4:4:4", {.quality = 60, .chroma_divisor = 1});
    add("restarts", {.restart_rows = 1});
    add("progressive", {.progressive = true});
    add("progressive 4:4:4", {.quality = 98, .progressive = true, .chroma_divisor = 1});
    add("scans apart", {.apart = true});
    add("grey", {.inks = JpegOptions::kGrey});
    add("grey progressive", {.progressive = true, .inks = JpegOptions::kGrey});
    add("ycck", {.inks = JpegOptions::kYcck});
  }
  return all;
}

// Row 5.
TEST(JpegDamage, WithoutItsEndMarkerAFileIsUsedUnchanged) {
  for (const auto& [name, bytes] : samples()) {
    const auto whole = outcome(bytes);
    for (const size_t cut : {1, 2}) {
      const auto without = outcome(std::string_view(bytes).substr(0, bytes.size() - cut));
      EXPECT_EQ(without.code, "used, missing_eoi") << name << " less " << cut;
      EXPECT_EQ(difference(whole.picture, without.picture), 0) << name;
    }
  }
}

// Rows 3, 4.
TEST(JpegDamage, ACutFileIsTruncatedAtEveryLength) {
  for (const auto& [name, bytes] : samples()) {
    const auto whole = outcome(bytes).picture;
    // A few lost padding bits change nothing; then the picture must be the whole one.
    const size_t step = bytes.size() > 4000 ? 37 : 1;
    for (size_t length = 2; length < bytes.size() - 2; length += step) {
      const auto cut = outcome(std::string_view(bytes).substr(0, length));
      if (cut.code == "truncated") continue;
      ASSERT_EQ(cut.code, "used, missing_eoi") << name << " cut to " << length << cut.sentence;
      ASSERT_EQ(difference(whole, cut.picture), 0) << name << " cut to " << length;
    }
  }
}

TEST(JpegDamage, TheSentenceSaysHowMuchThereIs) {
  const auto bytes = jpeg_bytes(corner_picture(320, 240));
  const auto half = outcome(std::string_view(bytes).substr(0, bytes.size() / 2));
  EXPECT_THAT(half.sentence, testing::MatchesRegex(".*after [3-6][0-9] % of its rows"));
  const auto progressive = jpeg_bytes(corner_picture(320, 240), {.progressive = true});
  const auto scan = outcome(std::string_view(progressive).substr(0, progressive.size() / 2));
  EXPECT_THAT(scan.sentence, testing::HasSubstr("in its scan"));
}

// Row 7.
TEST(JpegDamage, ManyFlippedBytesAreSeen) {
  Random random(5);
  for (const auto& [name, bytes] : samples()) {
    const size_t scan = bytes.find("\xFF\xDA");
    std::map<std::string, int> codes;
    for (int i = 0; i < 20; ++i) {
      auto bad = bytes;
      for (int k = 0; k < 50; ++k) {
        const auto at = scan + 20 + random.below(bytes.size() - scan - 40);
        bad[at] = static_cast<char>(bad[at] ^ (1 + random.below(255)));
      }
      ++codes[outcome(bad).code];
    }
    EXPECT_GE(codes["corrupt_data"] + codes["truncated"], 17) << name;
    EXPECT_GE(codes["corrupt_data"], 15) << name;
  }
}

TEST(JpegDamage, AFewBytesOfPaddingAreUsedManyAreDamage) {
  const auto whole = jpeg_bytes(corner_picture(64, 48));
  const auto padded = [&](size_t count) {
    return outcome(std::string(whole).insert(whole.size() - 2, count, '\0'));
  };
  EXPECT_EQ(padded(4).code, "used, extraneous_bytes");
  EXPECT_EQ(difference(padded(4).picture, outcome(whole).picture), 0);
  EXPECT_EQ(padded(40).code, "corrupt_data");
}

TEST(JpegDamage, HundredsOfScansAreRefused) {
  // A progressive file whose last scan is repeated.
  const auto bytes = jpeg_bytes(corner_picture(64, 48), {.progressive = true});
  const auto last = bytes.rfind("\xFF\xDA");
  auto many = bytes.substr(0, last);
  for (int i = 0; i < 600; ++i) many += bytes.substr(last, bytes.size() - 2 - last);
  many += "\xFF\xD9";
  const auto refused = outcome(many);
  EXPECT_EQ(refused.code, "corrupt_data");
  EXPECT_THAT(refused.sentence, testing::HasSubstr("500 scans"));
}

TEST(JpegDecode, TheScaleIsTheSmallestThatKeepsTheShortSide) {
  const auto bytes = jpeg_bytes(corner_picture(480, 320));
  struct Case {
    int min_side, width, height;
  };
  for (const auto& [min_side, width, height] :
       {Case{0, 480, 320}, Case{320, 480, 320}, Case{161, 480, 320}, Case{160, 240, 160},
        Case{81, 240, 160}, Case{80, 120, 80}, Case{40, 60, 40}, Case{1, 60, 40}}) {
    const auto image = decode_image(bytes, {.min_side = min_side});
    EXPECT_EQ(image.picture.width, width) << min_side;
    EXPECT_EQ(image.picture.height, height) << min_side;
    EXPECT_EQ(image.width, 480);
    EXPECT_EQ(image.height, 320);
    EXPECT_EQ(corners(image.picture), "RGBW");
  }
}

TEST(JpegEncode, ComesBackAsItWas) {
  const auto picture = corner_picture(100, 70);
  EXPECT_LT(difference(decode_image(encode_jpeg(picture, 95)).picture, picture), 5);
  EXPECT_LT(encode_jpeg(picture, 20).size(), encode_jpeg(picture, 95).size());
}

}  // namespace
}  // namespace preannotate
