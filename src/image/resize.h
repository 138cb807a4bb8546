#pragma once

#include <cstdint>

#include "preannotate/image/decode.h"

namespace preannotate::image {

/// A part of a picture in pixels of it, fractions allowed: [x, x + w) x [y, y + h).
struct Region {
  double x = 0, y = 0, w = 0, h = 0;
};

/// Where resized pixels go: [height, width, 3] with `stride` bytes from row to row; negative when
/// `rgb` is the bottom row, which turns the result upside down.
struct Target {
  std::uint8_t* rgb = nullptr;
  int width = 0, height = 0;
  std::int64_t stride = 0;
};

/// `region` of `picture` in the target's pixels, mirrored when `flip`. Each axis by itself:
/// averaged over the area a target pixel covers when it shrinks, bilinear when it grows, so an axis
/// that shrinks is never aliased, whatever the other does. When both shrink, cv::INTER_AREA's
/// bytes to within 1, in a third of its time; that one falls back to bilinear when one axis grows.
void resize(const Picture& picture, const Region& region, bool flip, const Target& target);

}  // namespace preannotate::image
