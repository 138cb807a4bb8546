#include "preannotate/image/augment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "preannotate/core/error.h"
#include "support/images.h"

namespace preannotate {
namespace {

using namespace testing_support;

Picture rendered(const Picture& picture, const View& view, int side,
                 Resize resize = Resize::kSquash) {
  Picture out{side, side, std::vector<std::uint8_t>(size_t{3} * side * side)};
  render_view(picture, view, side, resize, out.rgb.data());
  return out;
}

Picture flat(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  Picture picture{8, 8, {}};
  for (int i = 0; i < 64; ++i) picture.rgb.insert(picture.rgb.end(), {r, g, b});
  return picture;
}

TEST(Views, EachSetBeginsWithPlainAndHasNoTwoOfOneName) {
  for (const auto& [name, count] : {std::pair{"none", 1}, {"light", 4}, {"strong", 8}}) {
    const auto views = views_named(name);
    ASSERT_EQ(views.size(), size_t(count)) << name;
    EXPECT_TRUE(views[0].is_plain());
    EXPECT_EQ(views[0].name, "plain");
    std::set<std::string> names;
    for (const auto& view : views) {
      names.insert(view.name);
      EXPECT_TRUE(view.x >= 0 && view.y >= 0 && view.x + view.w <= 1 && view.y + view.h <= 1);
      EXPECT_EQ(view.is_plain(), &view == &views[0]) << view.name;
    }
    EXPECT_EQ(names.size(), views.size());
  }
}

TEST(Views, StrongContainsLight) {
  const auto light = views_named("light"), strong = views_named("strong");
  for (size_t i = 0; i < light.size(); ++i) EXPECT_EQ(light[i].name, strong[i].name);
}

TEST(Views, TtaIsPlainAndFlip) {
  const auto views = tta_views();
  ASSERT_EQ(views.size(), 2u);
  EXPECT_TRUE(views[0].is_plain());
  EXPECT_TRUE(views[1].flip);
}

TEST(Views, UnknownNamesListTheKnownOnes) {
  try {
    views_named("heavy");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kUsageError);
    EXPECT_THAT(error.what(), testing::HasSubstr("none, light, strong"));
  }
  EXPECT_THROW(resize_named("stretch"), UserError);
  for (const auto* name : {"squash", "crop", "letterbox"}) {
    EXPECT_EQ(resize_name(resize_named(name)), name);
  }
}

TEST(RenderView, SquashShowsTheWholeFrame) {
  EXPECT_EQ(corners(rendered(corner_picture(300, 200), {}, 64)), "RGBW");
}

TEST(RenderView, FlipMirrorsLeftAndRight) {
  const auto picture = corner_picture(200, 150);
  EXPECT_EQ(corners(rendered(picture, {.name = "", .flip = true}, 64)), "GRWB");
}

TEST(RenderView, CropTakesTheCentreSquare) {
  // Red left third, green middle third, blue right third.
  Picture thirds{90, 30, {}};
  for (int i = 0; i < 90 * 30; ++i) {
    const int third = i % 90 / 30;
    for (int c = 0; c < 3; ++c) thirds.rgb.push_back(c == third ? 255 : 0);
  }
  const auto out = rendered(thirds, {}, 16, Resize::kCrop);
  for (size_t i = 0; i < out.rgb.size(); ++i) ASSERT_EQ(out.rgb[i], i % 3 == 1 ? 255 : 0);
}

TEST(RenderView, LetterboxPutsGreyBesideThePicture) {
  Picture wide = flat(200, 10, 30);
  wide.width = 16, wide.height = 4;
  const auto out = rendered(wide, {}, 32, Resize::kLetterbox);
  for (int y = 0; y < 32; ++y) {
    const auto* pixel = out.rgb.data() + 3 * 32 * y;
    EXPECT_EQ(pixel[0], y >= 12 && y < 20 ? 200 : 127) << "row " << y;
  }
}

TEST(RenderView, LetterboxBarsKeepTheirGreyWhenTheLightChanges) {
  Picture tall = flat(100, 100, 100);
  tall.width = 4, tall.height = 16;
  const auto out = rendered(tall, {.name = "", .brightness = 2}, 32, Resize::kLetterbox);
  EXPECT_EQ(out.rgb[0], 127);
  EXPECT_EQ(out.rgb[3 * 16], 200);
}

TEST(RenderView, APartIsTakenInFractionsOfTheFrame) {
  const auto picture = corner_picture(80, 80);
  const auto out = rendered(picture, {.name = "", .x = 0, .y = 0, .w = 0.25, .h = 0.25}, 8);
  for (size_t i = 0; i < out.rgb.size(); ++i) ASSERT_EQ(out.rgb[i], i % 3 == 0 ? 255 : 0);
}

TEST(RenderView, BrightnessMultipliesAndStopsAtWhite) {
  const auto out = rendered(flat(100, 200, 0), {.name = "", .brightness = 1.5}, 4).rgb;
  EXPECT_EQ(std::vector<std::uint8_t>(out.begin(), out.begin() + 3),
            (std::vector<std::uint8_t>{150, 255, 0}));
}

TEST(RenderView, SaturationZeroIsGrey) {
  const auto out = rendered(flat(100, 200, 0), {.name = "", .saturation = 0}, 4).rgb;
  EXPECT_EQ(out[0], std::lround(0.299 * 100 + 0.587 * 200));
  EXPECT_EQ(out[0], out[1]);
  EXPECT_EQ(out[0], out[2]);
}

TEST(RenderView, ContrastStretchesAroundTheMean) {
  Picture two = flat(50, 50, 50);
  std::fill(two.rgb.begin() + 96, two.rgb.end(), 150);  // mean 100
  const auto out = rendered(two, {.name = "", .contrast = 1.5}, 8).rgb;
  EXPECT_EQ(out.front(), 25);
  EXPECT_EQ(out.back(), 175);
}

TEST(RenderView, IsTheSameEachTime) {
  const auto picture = corner_picture(333, 217);
  for (const auto& view : views_named("strong")) {
    EXPECT_EQ(rendered(picture, view, 96).rgb, rendered(picture, view, 96).rgb) << view.name;
  }
}

TEST(RenderView, AScaledDecodeShowsTheSamePart) {
  const auto bytes = jpeg_bytes(corner_picture(512, 384), {.quality = 95});
  const auto full = decode_image(bytes).picture;
  const auto half = decode_image(bytes, {.min_side = 100}).picture;
  ASSERT_EQ(half.width, 256);
  for (const auto& view : views_named("strong")) {
    EXPECT_LT(difference(rendered(full, view, 96), rendered(half, view, 96)), 3) << view.name;
  }
}

}  // namespace
}  // namespace preannotate
