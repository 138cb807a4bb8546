#include <gtest/gtest.h>

#include "drawn_boxes.h"

namespace preannotate {
namespace {

using namespace testing_support;

TEST(Mosaic, ABoxOfAQuarterLiesWhereQuarterBoxSays) {
  const Box boxes[4] = {{10, 10, 50, 40}, {70, 8, 110, 60}, {4, 20, 100, 80}, {60, 50, 118, 84}};
  for (const FrameSize frame : {FrameSize{120, 88}, {121, 89}}) {
    std::vector<Picture> pictures;
    const std::uint8_t* frames[4];
    for (const auto& box : boxes) pictures.push_back(drawn_box(frame.width, frame.height, box));
    for (int i = 0; i < 4; ++i) frames[i] = pictures[i].rgb.data();
    Picture mosaic{frame.width, frame.height, std::vector<std::uint8_t>(pictures[0].rgb.size(), 9)};
    render_mosaic(frames, frame, mosaic.rgb.data());
    for (int i = 0; i < 4; ++i) {
      const auto expected = quarter_box(boxes[i], i, frame);
      EXPECT_LE(farthest_edge(found_at(mosaic, expected), expected), 0.3) << i;
    }
  }
}

TEST(Mosaic, EveryPixelIsTheMeanOfFourOfItsQuarter) {
  constexpr FrameSize kFrame{8, 4};
  std::vector<std::uint8_t> pictures[4], mosaic(8 * 4 * 3);
  const std::uint8_t* frames[4];
  for (int i = 0; i < 4; ++i) {
    for (int k = 0; k < 8 * 4 * 3; ++k) pictures[i].push_back(k % 3 + (k / 3 % 2) * 8 + 40 * i);
    frames[i] = pictures[i].data();
  }
  render_mosaic(frames, kFrame, mosaic.data());
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 8; ++x) {
      const int quarter = (y >= 2) * 2 + (x >= 4);
      for (int c = 0; c < 3; ++c) EXPECT_EQ(mosaic[3 * (8 * y + x) + c], c + 4 + 40 * quarter);
    }
  }
}

TEST(Mosaic, TheFourQuartersOfTheWholeFrameTileIt) {
  constexpr FrameSize kFrame{121, 88};
  const Box whole{0, 0, 121, 88};
  EXPECT_EQ(quarter_box(whole, 0, kFrame), (Box{0, 0, 60, 44}));
  EXPECT_EQ(quarter_box(whole, 1, kFrame), (Box{60, 0, 121, 44}));
  EXPECT_EQ(quarter_box(whole, 2, kFrame), (Box{0, 44, 60, 88}));
  EXPECT_EQ(quarter_box(whole, 3, kFrame), (Box{60, 44, 121, 88}));
}

}  // namespace
}  // namespace preannotate
