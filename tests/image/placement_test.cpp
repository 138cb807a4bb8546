#include "preannotate/image/placement.h"

#include <gtest/gtest.h>

#include "drawn_boxes.h"
#include "support/images.h"

namespace preannotate {
namespace {

using namespace testing_support;

constexpr FrameSize kFrames[] = {{96, 96}, {120, 88}, {88, 120}};
constexpr double kScales[] = {0.3, 0.65, 1, 1.6, 2.7};

/// Every flip, turn, scale and frame, aimed so that `box` lies near the middle of the frame.
template <class Check>
void for_each_placement(const Box& box, Check check) {
  for (const auto frame : kFrames) {
    for (const double scale : kScales) {
      for (int way = 0; way < 16; ++way) {
        Placement placement{.scale = scale,
                            .flip_x = way % 2 == 1,
                            .flip_y = way / 2 % 2 == 1,
                            .quarter_turns = way / 4};
        const bool sideways = placement.quarter_turns % 2 == 1;
        const int width = sideways ? frame.height : frame.width;
        const int height = sideways ? frame.width : frame.height;
        placement.x = (box.x1 + box.x2 - width / scale) / 2 + 2.37;
        placement.y = (box.y1 + box.y2 - height / scale) / 2 - 1.83;
        SCOPED_TRACE(testing::Message()
                     << frame.width << " x " << frame.height << ", scale " << scale << ", flips "
                     << placement.flip_x << placement.flip_y << ", turns "
                     << placement.quarter_turns);
        check(placement, frame);
      }
    }
  }
}

TEST(Placement, ADrawnBoxLiesWhereToFrameSays) {
  const Box box{84, 61, 108, 80};
  const auto image = decoded(drawn_box(200, 150, box));
  for_each_placement(box, [&](const Placement& placement, FrameSize frame) {
    const auto expected = to_frame(box, placement, frame);
    const auto found = found_at(rendered(image, placement, frame), expected);
    EXPECT_LE(farthest_edge(found, expected), 0.25);
  });
}

TEST(Placement, ADrawnBoxLiesThereInAJpegDecodedSmallerToo) {
  const Box box{340, 240, 396, 290};  // near the partly filled last pixel
  const auto bytes = jpeg_bytes(drawn_box(401, 297, box), {.quality = 95});
  const auto image = decode_image(bytes, {.min_side = 140});
  ASSERT_EQ(image.picture.width, 201);
  for_each_placement(box, [&](Placement placement, FrameSize frame) {
    if (placement.scale > 1) return;
    const auto expected = to_frame(box, placement, frame);
    const auto found = found_at(rendered(image, placement, frame), expected);
    EXPECT_LE(farthest_edge(found, expected), 0.5);
  });
}

TEST(Placement, ThePartlyFilledPixelsOfAScaledDecodeShiftNothingHoweverTheImageIsTurned) {
  // 641 = 80 * 8 + 1 and 489 = 61 * 8 + 1: a pixel of the decoded picture too much on each axis.
  const auto plain = jpeg_bytes(drawn_box(641, 489, {72, 64, 560, 400}), {.quality = 95});
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto bytes = with_orientation(plain, orientation);
    const auto whole = decode_image(bytes), eighth = decode_image(bytes, {.min_side = 60});
    ASSERT_EQ(std::max(eighth.picture.width, eighth.picture.height), 81);
    ASSERT_EQ(eighth.width, whole.width);
    const auto box = found_box(whole.picture, whole.width / 2, whole.height / 2);
    for (const auto frame : kFrames) {
      auto placement = letterbox(whole.width, whole.height, frame);
      placement.scale *= 0.9;  // below an eighth, so that all its pixels are averages
      const auto expected = to_frame(box, placement, frame);
      EXPECT_LE(farthest_edge(found_at(rendered(eighth, placement, frame), expected), expected),
                0.25)
          << orientation << ", " << frame.width << " x " << frame.height;
    }
  }
}

TEST(Placement, APictureOfAnyOtherSizeIsTheWholeImageToo) {
  const Box box{100, 80, 300, 200};
  auto image = decoded(thumbnail(drawn_box(400, 300, box), 130));
  image.width = 400, image.height = 300;
  const auto placement = letterbox(400, 300, {96, 96});
  const auto expected = to_frame(box, placement, {96, 96});
  const auto found = found_at(rendered(image, placement, {96, 96}), expected);
  EXPECT_LE(farthest_edge(found, expected), 0.5);
}

TEST(Placement, FromFrameUndoesToFrame) {
  const Box box{83.25f, 61.5f, 110.75f, 79.125f};
  for_each_placement(box, [&](const Placement& placement, FrameSize frame) {
    const auto there = to_frame(box, placement, frame);
    EXPECT_LE(farthest_edge(from_frame(there, placement, frame), box), 1e-3);
    EXPECT_NEAR(there.area(), box.area() * placement.scale * placement.scale, 1e-3 * there.area());
  });
}

TEST(Placement, NeitherDirectionClips) {
  const Placement placement{.x = 50, .y = 40, .scale = 2};
  EXPECT_EQ(to_frame({0, 0, 400, 300}, placement, {96, 96}), (Box{-100, -80, 700, 520}));
  EXPECT_EQ(from_frame({-100, -80, 700, 520}, placement, {96, 96}), (Box{0, 0, 400, 300}));
}

TEST(Placement, TurnsAreClockwiseAndComeAfterTheFlips) {
  const auto image = decoded(corner_picture(96, 96));  // RGBW
  const auto look = [&](bool flip_x, bool flip_y, int turns) {
    const Placement placement{.flip_x = flip_x, .flip_y = flip_y, .quarter_turns = turns};
    return corners(rendered(image, placement, {96, 96}));
  };
  EXPECT_EQ(look(false, false, 0), "RGBW");
  EXPECT_EQ(look(false, false, 1), "BRWG");
  EXPECT_EQ(look(false, false, 2), "WBGR");
  EXPECT_EQ(look(false, false, 3), "GWRB");
  EXPECT_EQ(look(true, false, 0), "GRWB");
  EXPECT_EQ(look(false, true, 0), "BWRG");
  EXPECT_EQ(look(true, false, 1), "WGBR");
}

TEST(Placement, ALetterboxIsTheWholeImageCentred) {
  const auto placement = letterbox(400, 300, {96, 96});
  EXPECT_EQ(to_frame({0, 0, 400, 300}, placement, {96, 96}), (Box{0, 12, 96, 84}));
  const auto tall = letterbox(100, 400, {96, 80});
  EXPECT_EQ(to_frame({0, 0, 100, 400}, tall, {96, 80}), (Box{38, 0, 58, 80}));
  EXPECT_EQ(letterbox(96, 80, {96, 80}).scale, 1);
}

TEST(Placement, WhatLiesOutsideTheImageIsGreyAndOnlyThat) {
  Picture white{60, 40, std::vector<std::uint8_t>(60 * 40 * 3, 255)};
  const auto image = decoded(white);
  for_each_placement({0, 0, 60, 40}, [&](Placement placement, FrameSize frame) {
    placement.brightness = 0.5;  // 255 becomes 128; grey stays 127
    const auto place = to_frame({0, 0, 60, 40}, placement, frame);
    const auto out = rendered(image, placement, frame);
    for (int y = 0; y < frame.height; ++y) {
      for (int x = 0; x < frame.width; ++x) {
        const bool covered =
            x + 0.5 > place.x1 && x + 0.5 < place.x2 && y + 0.5 > place.y1 && y + 0.5 < place.y2;
        for (int c = 0; c < 3; ++c) {
          ASSERT_EQ(out.rgb[3 * (y * frame.width + x) + c], covered ? 128 : 127) << x << ", " << y;
        }
      }
    }
  });
}

TEST(Placement, AViewBesideTheImageIsAllGrey) {
  const auto image = decoded(corner_picture(60, 40));
  for (const double far : {-1e9, -500.0, 500.0, 1e9}) {
    for (const auto byte : rendered(image, {.x = far, .y = 3}, {64, 48}).rgb) ASSERT_EQ(byte, 127);
    for (const auto byte : rendered(image, {.x = 3, .y = far}, {64, 48}).rgb) ASSERT_EQ(byte, 127);
  }
}

TEST(Placement, LightChangesAsTheFactorsSay) {
  Picture flat{64, 48, std::vector<std::uint8_t>(64 * 48 * 3, 100)};
  EXPECT_EQ(rendered(decoded(flat), {.brightness = 1.5}, {64, 48}).rgb[0], 150);
  EXPECT_EQ(rendered(decoded(flat), {.contrast = 1.5}, {64, 48}).rgb[0], 100);
  const auto grey = rendered(decoded(corner_picture(64, 48)), {.saturation = 0}, {64, 48});
  for (size_t i = 0; i < grey.rgb.size(); i += 3) ASSERT_EQ(grey.rgb[i], grey.rgb[i + 2]);
}

TEST(Placement, ThinAndTinyImagesStayInsideTheFrame) {
  constexpr std::uint8_t kGuard = 77;
  for (const auto& [width, height] :
       {std::pair{1, 1}, {1, 5000}, {5000, 1}, {2, 1}, {3, 1000}, {100000, 2}}) {
    const Box whole{0, 0, float(width), float(height)};
    const auto image = decoded(drawn_box(width, height, whole));
    for (const auto frame : kFrames) {
      const AugmentPolicy policy{.views = 40, .flip_y = true, .quarter_turns = true, .light = 0};
      for (const auto& placement :
           augmented_placements(width, height, frame, policy, {}, /*seed=*/5)) {
        const size_t size = size_t{3} * frame.width * frame.height;
        std::vector<std::uint8_t> out(size + 64, kGuard);
        render_placement(image, placement, frame, out.data() + 32);
        for (size_t i = 0; i < 32; ++i)
          ASSERT_TRUE(out[i] == kGuard && out[size + 63 - i] == kGuard);
        EXPECT_GT(std::count(out.begin(), out.end(), 255), 0) << width << " x " << height;
        for (size_t i = 0; i < size; ++i) ASSERT_TRUE(out[32 + i] == 255 || out[32 + i] == 127);
      }
    }
  }
}

TEST(VisibleBoxes, AreClippedToTheFrameAndKnowWhereTheyComeFrom) {
  const std::vector<Box> boxes{{-500, 0, -400, 50}, {-10, 20, 30, 60}, {80, 70, 200, 90}};
  const auto visible = visible_boxes(boxes, {.scale = 1}, {100, 80}, 0);
  EXPECT_EQ(visible.source, (std::vector<int>{1, 2}));
  EXPECT_EQ(visible.boxes, (std::vector<Box>{{0, 20, 30, 60}, {80, 70, 100, 80}}));
}

TEST(VisibleBoxes, TooLittleOfTheAreaIsLeftOut) {
  const auto seen = [](float x1, double least) {
    return visible_boxes({{x1, 10, x1 + 100, 50}}, {}, {200, 80}, least).boxes.size();
  };
  EXPECT_EQ(seen(-70, 0.3), 1u);
  EXPECT_EQ(seen(-71, 0.3), 0u);
  EXPECT_EQ(seen(129, 0.7), 1u);
  EXPECT_EQ(seen(131, 0.7), 0u);
  EXPECT_EQ(visible_boxes({{-71, 10, 29, 50}}, {}, {200, 80}).boxes.size(), 0u);
}

TEST(VisibleBoxes, ASideOfUnderTwoPixelsIsLeftOut) {
  const auto seen = [](const Box& box, double scale) {
    return visible_boxes({box}, {.scale = scale}, {200, 80}, 0).boxes.size();
  };
  EXPECT_EQ(seen({10, 10, 14, 50}, 0.5), 1u);
  EXPECT_EQ(seen({10, 10, 13, 50}, 0.5), 0u);
  EXPECT_EQ(seen({10, 10, 50, 13}, 0.5), 0u);
  EXPECT_EQ(seen({198.5f, 10, 400, 50}, 1), 0u);
  EXPECT_EQ(seen({20, 20, 20, 20}, 10), 0u);
}

}  // namespace
}  // namespace preannotate
