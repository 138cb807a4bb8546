#include "tile_borders.h"

#include <algorithm>

namespace preannotate {

namespace {

// A box that comes this near to a border, in frame pixels, counts as cut by it.
constexpr float kNear = 3;
// Parts agree when their pieces in the shared strip overlap this much.
constexpr float kAgreement = 0.5f;
constexpr float kCovered = 0.6f;

Box common(const Box& a, const Box& b) {
  return {std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2)};
}

Box hull(const Box& a, const Box& b) {
  return {std::min(a.x1, b.x1), std::min(a.y1, b.y1), std::max(a.x2, b.x2), std::max(a.y2, b.y2)};
}

/// The part of the image that a tile shows.
Box shown(const Placement& tile, FrameSize frame) {
  return from_frame({0, 0, static_cast<float>(frame.width), static_cast<float>(frame.height)}, tile,
                    frame);
}

bool is_cut(const Box& box, const Box& tile, float near, float width, float height) {
  return (box.x1 < tile.x1 + near && tile.x1 > 0) || (box.y1 < tile.y1 + near && tile.y1 > 0) ||
         (box.x2 > tile.x2 - near && tile.x2 < width) ||
         (box.y2 > tile.y2 - near && tile.y2 < height);
}

bool same_object(const TileBox& a, const TileBox& b, const std::vector<Box>& tiles) {
  if (a.tile == b.tile || a.draft.category != b.draft.category) return false;
  const Box strip = common(tiles[static_cast<size_t>(a.tile)], tiles[static_cast<size_t>(b.tile)]);
  return iou(common(a.draft.box, strip), common(b.draft.box, strip)) > kAgreement;
}

/// The parts of the object of cut[first], the surest one left: of each tile the surest, reached
/// from tile to tile. Less sure boxes of the same parts are used up with them.
std::vector<size_t> take_parts(const std::vector<TileBox>& cut, size_t first,
                               const std::vector<Box>& tiles, std::vector<bool>& used) {
  std::vector<size_t> parts{first};
  used[first] = true;
  for (size_t i = 0; i < parts.size(); ++i) {
    for (size_t k = first + 1; k < cut.size(); ++k) {
      if (used[k] || !same_object(cut[parts[i]], cut[k], tiles)) continue;
      used[k] = true;
      const bool tile_has_one = std::any_of(
          parts.begin(), parts.end(), [&](size_t part) { return cut[part].tile == cut[k].tile; });
      if (!tile_has_one) parts.push_back(k);
    }
  }
  return parts;
}

}  // namespace

std::vector<TileBox> join_cut_boxes(const std::vector<TileBox>& boxes,
                                    const std::vector<Placement>& tiles, FrameSize frame, int width,
                                    int height) {
  std::vector<Box> seen;  // by each tile
  for (const auto& tile : tiles) seen.push_back(shown(tile, frame));
  std::vector<TileBox> whole, cut;
  for (const auto& box : boxes) {
    const auto tile = static_cast<size_t>(box.tile);
    const auto near = static_cast<float>(kNear / tiles[tile].scale);
    const bool cut_here = is_cut(box.draft.box, seen[tile], near, static_cast<float>(width),
                                 static_cast<float>(height));
    (cut_here ? cut : whole).push_back(box);
  }
  std::stable_sort(cut.begin(), cut.end(), [](const TileBox& a, const TileBox& b) {
    return a.draft.score > b.draft.score;
  });
  std::vector<bool> used(cut.size(), false);
  std::vector<TileBox> left;
  for (size_t i = 0; i < cut.size(); ++i) {
    if (used[i]) continue;
    const auto parts = take_parts(cut, i, seen, used);
    TileBox joined = cut[i];
    for (const size_t k : parts) joined.draft.box = hull(joined.draft.box, cut[k].draft.box);
    (parts.size() > 1 ? whole : left).push_back(joined);
  }
  for (const auto& part : left) {
    const bool covered = std::any_of(whole.begin(), whole.end(), [&](const TileBox& other) {
      return other.draft.category == part.draft.category &&
             common(other.draft.box, part.draft.box).area() > kCovered * part.draft.box.area();
    });
    if (!covered) whole.push_back(part);
  }
  return whole;
}

}  // namespace preannotate
