#include <algorithm>
#include <cmath>

#include "preannotate/image/placement.h"

namespace preannotate {
namespace {

constexpr double kRounding = 1e-6;  // frames

/// Where the tiles of one axis begin: as few as overlap enough, spread evenly from edge to edge.
std::vector<double> begins_of_tiles(int length, double seen, double overlap) {
  const double room = length - seen;
  if (room <= kRounding * seen) return {room / 2};
  const int steps = static_cast<int>(std::ceil(room / (seen * (1 - overlap)) - kRounding));
  std::vector<double> begins;
  for (int i = 0; i <= steps; ++i) begins.push_back(room * i / steps);
  return begins;
}

}  // namespace

std::vector<Placement> tile_placements(int width, int height, FrameSize frame, double scale,
                                       double overlap) {
  const auto across = begins_of_tiles(width, frame.width / scale, overlap);
  const auto down = begins_of_tiles(height, frame.height / scale, overlap);
  if (across.size() == 1 && down.size() == 1) return {letterbox(width, height, frame)};
  std::vector<Placement> tiles;
  for (const double y : down) {
    for (const double x : across) tiles.push_back({.x = x, .y = y, .scale = scale});
  }
  return tiles;
}

}  // namespace preannotate
