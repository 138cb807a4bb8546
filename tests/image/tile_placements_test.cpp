#include <gtest/gtest.h>

#include <algorithm>

#include "preannotate/image/placement.h"

namespace preannotate {
namespace {

constexpr FrameSize kFrame{100, 80};

/// What a tile shows of the image.
Box seen(const Placement& tile) {
  return from_frame({0, 0, float(kFrame.width), float(kFrame.height)}, tile, kFrame);
}

/// Tiles side by side share at least `overlap` of `length` and leave no gap up to `end`.
void expect_cover(std::vector<std::pair<float, float>> spans, float end, double overlap,
                  double length) {
  std::sort(spans.begin(), spans.end());
  spans.erase(std::unique(spans.begin(), spans.end()), spans.end());
  EXPECT_LE(spans.front().first, 0.01f);
  EXPECT_GE(spans.back().second, end - 0.01f);
  for (size_t i = 1; i < spans.size(); ++i) {
    EXPECT_GE(spans[i - 1].second - spans[i].first, overlap * length - 0.01);
  }
}

TEST(TilePlacements, CoverEveryPixelWithTheOverlapAskedFor) {
  for (const double scale : {0.5, 1.0, 1.7}) {
    for (const double overlap : {0.0, 0.2, 0.5}) {
      for (const auto& [width, height] : {std::pair{30, 20},
                                          {100, 80},
                                          {101, 81},
                                          {120, 80},
                                          {1000, 700},
                                          {90, 2000},
                                          {1, 999}}) {
        SCOPED_TRACE(testing::Message()
                     << width << " x " << height << ", scale " << scale << ", overlap " << overlap);
        std::vector<std::pair<float, float>> across, down;
        const auto tiles = tile_placements(width, height, kFrame, scale, overlap);
        for (const auto& tile : tiles) {
          const auto part = seen(tile);
          across.emplace_back(part.x1, part.x2);
          down.emplace_back(part.y1, part.y2);
        }
        expect_cover(across, width, overlap, kFrame.width / scale);
        expect_cover(down, height, overlap, kFrame.height / scale);
      }
    }
  }
}

TEST(TilePlacements, AnImageThatFitsIsLetterboxed) {
  for (const auto& [width, height] : {std::pair{30, 20}, {100, 80}, {100, 10}, {1, 1}}) {
    const auto tiles = tile_placements(width, height, kFrame, 1, 0.2);
    ASSERT_EQ(tiles.size(), 1u);
    const auto expected = letterbox(width, height, kFrame);
    EXPECT_EQ(tiles[0].scale, expected.scale);
    EXPECT_EQ(tiles[0].x, expected.x);
    EXPECT_EQ(tiles[0].y, expected.y);
  }
  EXPECT_EQ(tile_placements(200, 160, kFrame, 0.5, 0.2).size(), 1u);
}

TEST(TilePlacements, AreAsFewAsTheOverlapAllows) {
  EXPECT_EQ(tile_placements(101, 80, kFrame, 1, 0.2).size(), 2u);
  EXPECT_EQ(tile_placements(180, 80, kFrame, 1, 0.2).size(), 2u);
  EXPECT_EQ(tile_placements(181, 80, kFrame, 1, 0.2).size(), 3u);
  EXPECT_EQ(tile_placements(200, 160, kFrame, 1, 0).size(), 4u);
  EXPECT_EQ(tile_placements(300, 160, kFrame, 1, 0).size(), 6u);
}

TEST(TilePlacements, GoRowByRowAtTheScaleAskedForFromEdgeToEdge) {
  const auto tiles = tile_placements(160, 130, kFrame, 1, 0.2);
  ASSERT_EQ(tiles.size(), 4u);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(tiles[i].scale, 1);
    EXPECT_EQ(tiles[i].x, i % 2 == 0 ? 0 : 60);
    EXPECT_EQ(tiles[i].y, i / 2 == 0 ? 0 : 50);
  }
}

TEST(TilePlacements, ANarrowAxisIsCentred) {
  const auto tiles = tile_placements(160, 40, kFrame, 1, 0.2);
  ASSERT_EQ(tiles.size(), 2u);
  for (const auto& tile : tiles) EXPECT_EQ(tile.y, -20);
}

}  // namespace
}  // namespace preannotate
