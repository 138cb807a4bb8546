#include "model/tile_borders.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace preannotate {
namespace {

constexpr FrameSize kFrame{100, 100};

/// Tiles of 100 px that share 20 px with their neighbours, `across` x `down` of them.
struct Tiled {
  int across, down;
  std::vector<Placement> tiles() const {
    std::vector<Placement> tiles;
    for (int y = 0; y < down; ++y) {
      for (int x = 0; x < across; ++x) tiles.push_back({.x = 80.0 * x, .y = 80.0 * y, .scale = 1});
    }
    return tiles;
  }
  std::vector<TileBox> joined(const std::vector<TileBox>& boxes) const {
    return join_cut_boxes(boxes, tiles(), kFrame, 80 * across + 20, 80 * down + 20);
  }
};

TileBox found(const Box& box, int tile, double score = 0.5, int category = 0) {
  return {.draft = {.box = box, .category = category, .score = score}, .tile = tile};
}

TEST(TileBorders, PartsOfAnObjectBecomeOneBoxWithTheBetterScore) {
  const Tiled tiled{2, 1};
  const auto boxes =
      tiled.joined({found({40, 30, 99, 60}, 0, 0.6), found({80, 31, 150, 60}, 1, 0.8)});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(boxes[0].draft.box, (Box{40, 30, 150, 60}));
  EXPECT_EQ(boxes[0].draft.score, 0.8);
}

TEST(TileBorders, AnObjectInsideOneTileStaysAsItIs) {
  const Tiled tiled{2, 1};
  const auto boxes = tiled.joined({found({10, 30, 60, 60}, 0), found({110, 30, 150, 60}, 1)});
  ASSERT_EQ(boxes.size(), 2u);
  EXPECT_EQ(boxes[0].draft.box, (Box{10, 30, 60, 60}));
  EXPECT_EQ(boxes[1].draft.box, (Box{110, 30, 150, 60}));
}

TEST(TileBorders, TheBorderOfTheImageCutsNothing) {
  // A box at the edge, and one that covers it to 60 %: were the first cut, it would be left out.
  for (const double scale : {1.0, 0.7, 0.3, 0.11}) {
    for (int width = 2000; width < 2040; ++width) {
      const auto tiles = tile_placements(width, 300, kFrame, scale, 0.2);
      const int last = static_cast<int>(tiles.size()) - 1;
      const auto right = static_cast<float>(width);
      const auto boxes = join_cut_boxes({found({right - 40, 230, right, 270}, last),
                                         found({right - 45, 230, right - 8, 271}, last),
                                         found({0, 0, 40, 40}, 0), found({8, 0, 45, 41}, 0)},
                                        tiles, kFrame, width, 300);
      EXPECT_EQ(boxes.size(), 4u) << scale << " " << width;
    }
  }
}

TEST(TileBorders, PartsAtDifferentHeightsAreDifferentObjects) {
  const Tiled tiled{2, 1};
  EXPECT_EQ(tiled.joined({found({40, 10, 99, 30}, 0), found({80, 60, 150, 90}, 1)}).size(), 2u);
}

TEST(TileBorders, PartsOfDifferentClassesAreDifferentObjects) {
  const Tiled tiled{2, 1};
  EXPECT_EQ(tiled.joined({found({40, 30, 99, 60}, 0, 0.5, 0), found({80, 30, 150, 60}, 1, 0.5, 1)})
                .size(),
            2u);
}

TEST(TileBorders, APartOfWhatTheNeighbourSeesWholeIsLeftOut) {
  const Tiled tiled{2, 1};
  const Box whole{85, 30, 120, 60};
  const auto boxes = tiled.joined({found({86, 30, 100, 60}, 0, 0.9), found(whole, 1, 0.4)});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(boxes[0].draft.box, whole);
}

TEST(TileBorders, APartThatNothingCoversIsKept) {
  const Tiled tiled{2, 1};
  EXPECT_EQ(tiled.joined({found({40, 30, 99, 60}, 0)}).size(), 1u);
}

TEST(TileBorders, AnObjectAcrossThreeTilesIsOneWhicheverPartIsSurest) {
  const Tiled tiled{3, 1};
  std::vector<double> scores{0.3, 0.5, 0.7};
  do {
    const auto boxes = tiled.joined({found({50, 30, 100, 60}, 0, scores[0]),
                                     found({80, 30, 180, 60}, 1, scores[1]),
                                     found({160, 30, 220, 60}, 2, scores[2])});
    ASSERT_EQ(boxes.size(), 1u) << scores[0] << " " << scores[1] << " " << scores[2];
    EXPECT_EQ(boxes[0].draft.box, (Box{50, 30, 220, 60}));
    EXPECT_EQ(boxes[0].draft.score, 0.7);
  } while (std::next_permutation(scores.begin(), scores.end()));
}

TEST(TileBorders, AnObjectWhereFourTilesMeetIsOne) {
  const Tiled tiled{2, 2};
  const auto boxes =
      tiled.joined({found({50, 40, 100, 100}, 0, 0.4), found({80, 40, 140, 100}, 1, 0.5),
                    found({50, 80, 100, 130}, 2, 0.6), found({80, 80, 140, 130}, 3, 0.7)});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(boxes[0].draft.box, (Box{50, 40, 140, 130}));
}

TEST(TileBorders, OnlyTheBestPartOfATileSaysHowFarTheObjectReaches) {
  // The second guess of tile 1 agrees where the tiles overlap, but reaches much farther.
  const Tiled tiled{2, 1};
  const auto boxes =
      tiled.joined({found({40, 30, 100, 60}, 0, 0.9), found({80, 30, 130, 60}, 1, 0.8),
                    found({80, 30, 175, 62}, 1, 0.05), found({20, 30, 100, 60}, 0, 0.04)});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(boxes[0].draft.box, (Box{40, 30, 130, 60}));
}

TEST(TileBorders, TwoObjectsAcrossTheSameBorderStayTwo) {
  const Tiled tiled{2, 1};
  const auto boxes =
      tiled.joined({found({40, 10, 100, 40}, 0, 0.9), found({80, 10, 130, 40}, 1, 0.8),
                    found({60, 50, 100, 90}, 0, 0.7), found({80, 50, 140, 90}, 1, 0.6)});
  ASSERT_EQ(boxes.size(), 2u);
  EXPECT_EQ(boxes[0].draft.box, (Box{40, 10, 130, 40}));
  EXPECT_EQ(boxes[1].draft.box, (Box{60, 50, 140, 90}));
}

TEST(TileBorders, TheBorderIsFoundAtAnyScaleAndFlip) {
  // Frames of 100 px at half size show 200 px of the image.
  std::vector<Placement> tiles{{.x = 0, .y = 0, .scale = 0.5}, {.x = 160, .y = 0, .scale = 0.5}};
  for (auto& tile : tiles) tile.flip_x = true;
  const auto boxes = join_cut_boxes({found({100, 50, 197, 90}, 0), found({163, 50, 300, 90}, 1)},
                                    tiles, kFrame, 360, 200);
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(boxes[0].draft.box, (Box{100, 50, 300, 90}));
}

TEST(TileBorders, NoBoxesGiveNoBoxes) {
  EXPECT_TRUE((Tiled{2, 2}.joined({}).empty()));
}

}  // namespace
}  // namespace preannotate
