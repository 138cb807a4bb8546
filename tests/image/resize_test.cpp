#include "image/resize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "preannotate/core/random.h"
#include "support/images.h"

namespace preannotate::image {
namespace {

using namespace testing_support;

Picture noise(int width, int height) {
  Random random(9);
  Picture picture{width, height, std::vector<std::uint8_t>(size_t{3} * width * height)};
  for (auto& byte : picture.rgb) byte = static_cast<std::uint8_t>(random.below(256));
  return picture;
}

Picture resized(const Picture& from, int width, int height, bool flip = false) {
  Picture to{width, height, std::vector<std::uint8_t>(size_t{3} * width * height)};
  resize(from, {0, 0, double(from.width), double(from.height)}, flip,
         {to.rgb.data(), width, height, std::int64_t{3} * width});
  return to;
}

Picture by_opencv(const Picture& from, int width, int height, int method) {
  Picture to{width, height, std::vector<std::uint8_t>(size_t{3} * width * height)};
  const cv::Mat source(from.height, from.width, CV_8UC3,
                       const_cast<std::uint8_t*>(from.rgb.data()));
  cv::Mat target(height, width, CV_8UC3, to.rgb.data());
  cv::resize(source, target, target.size(), 0, 0, method);
  return to;
}

int largest_difference(const Picture& a, const Picture& b) {
  int most = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) most = std::max(most, std::abs(a.rgb[i] - b.rgb[i]));
  return most;
}

TEST(Resize, ShrinkingAveragesTheAreaAsOpenCvDoes) {
  const auto picture = noise(400, 533);
  for (const auto& [width, height] :
       {std::pair{224, 224}, {200, 266}, {1, 1}, {399, 533}, {7, 300}}) {
    EXPECT_LE(largest_difference(resized(picture, width, height),
                                 by_opencv(picture, width, height, cv::INTER_AREA)),
              1)
        << width << " x " << height;
  }
}

TEST(Resize, GrowingIsBilinearAsInOpenCv) {
  const auto picture = noise(40, 30);
  for (const auto& [width, height] : {std::pair{80, 60}, {224, 224}, {41, 31}}) {
    EXPECT_LE(largest_difference(resized(picture, width, height),
                                 by_opencv(picture, width, height, cv::INTER_LINEAR)),
              1)
        << width << " x " << height;
  }
}

TEST(Resize, AnAxisThatShrinksIsAveragedWhenTheOtherGrows) {
  // Columns of 0 and 255 in turn: any sampling would show stripes, an average is even grey.
  Picture stripes{400, 100, std::vector<std::uint8_t>(400 * 100 * 3)};
  for (size_t i = 0; i < stripes.rgb.size(); ++i) stripes.rgb[i] = i / 3 % 2 ? 255 : 0;
  for (const auto byte : resized(stripes, 100, 224).rgb) ASSERT_NEAR(byte, 127.5, 1);
}

TEST(Resize, TheSameSizeChangesNothing) {
  const auto picture = noise(31, 17);
  EXPECT_EQ(resized(picture, 31, 17).rgb, picture.rgb);
}

TEST(Resize, FlipIsTheMirrorOfThePlainResult) {
  const auto picture = noise(100, 60);
  auto plain = resized(picture, 48, 32);
  const auto flipped = resized(picture, 48, 32, /*flip=*/true);
  cv::Mat mirror(32, 48, CV_8UC3, plain.rgb.data());
  cv::flip(mirror, mirror, 1);
  EXPECT_EQ(flipped.rgb, plain.rgb);
}

TEST(Resize, ARegionIsThatPartOfThePicture) {
  const auto picture = noise(100, 60);
  Picture part{40, 20, {}}, out{40, 20, std::vector<std::uint8_t>(40 * 20 * 3)};
  for (int y = 15; y < 35; ++y) {
    const auto* row = picture.rgb.data() + 3 * (y * 100 + 50);
    part.rgb.insert(part.rgb.end(), row, row + 120);
  }
  resize(picture, {50, 15, 40, 20}, false, {out.rgb.data(), 40, 20, 120});
  EXPECT_EQ(out.rgb, part.rgb);
}

TEST(Resize, ASinglePixelFillsAnything) {
  const Picture pixel{1, 1, {10, 20, 30}};
  const auto large = resized(pixel, 5, 3);
  for (size_t i = 0; i < large.rgb.size(); ++i) EXPECT_EQ(large.rgb[i], 10 * (i % 3 + 1));
}

TEST(Resize, ThinPicturesStayInsideTheirBytes) {
  for (const auto& [width, height] : {std::pair{1, 2000}, {2000, 1}, {2, 3}, {223, 225}}) {
    const auto out = resized(noise(width, height), 224, 224);
    EXPECT_EQ(out.rgb.size(), 224u * 224 * 3);
  }
}

TEST(Resize, FractionsOfAPixelAtTheEdgeAreAllowed) {
  const auto picture = noise(101, 77);
  std::vector<std::uint8_t> out(16 * 16 * 3);
  for (double x = 0; x < 1; x += 0.07) {
    resize(picture, {101 * x, 77 * x, 101 * (1 - x), 77 * (1 - x)}, false,
           {out.data(), 16, 16, 48});
  }
  resize(picture, {100.9, 76.9, 0.1, 0.1}, false, {out.data(), 16, 16, 48});
  EXPECT_EQ(out[0], picture.rgb[picture.rgb.size() - 3]);
}

}  // namespace
}  // namespace preannotate::image
