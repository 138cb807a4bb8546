#pragma once

#include <vector>

#include "preannotate/image/placement.h"
#include "preannotate/metrics/detection.h"

namespace preannotate {

/// A box found in one tile, in image pixels.
struct TileBox {
  DraftBox draft;
  int tile = 0;  // position of the placement
};

/// Boxes that end at a border between tiles, not of the image, hold a part of an object. Two such
/// parts in neighbouring tiles that agree where the tiles overlap become one box around both, with
/// the better score; of the rest, a part that a box of its class covers to 60 % is left out.
std::vector<TileBox> join_cut_boxes(const std::vector<TileBox>& boxes,
                                    const std::vector<Placement>& tiles, FrameSize frame, int width,
                                    int height);

}  // namespace preannotate
