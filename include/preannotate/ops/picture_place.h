#pragma once

#include <cstdint>

namespace preannotate {

/// One picture among the bytes of a batch, the part of it that is shown, and where on its canvas.
struct PicturePlace {
  std::int64_t offset = 0;    // of its first byte
  std::int64_t stride = 0;    // bytes from row to row, 3 * width or more
  int width = 0, height = 0;  // pixels, 1 or more

  /// The part [x, x + w) x [y, y + h) in pixels of the picture, fractions allowed; w and h above 0.
  /// What lies outside the picture is taken from its edge.
  double x = 0, y = 0, w = 0, h = 0;

  /// The rectangle of the canvas that shows it, inside the canvas; may be empty.
  int left = 0, top = 0, target_width = 0, target_height = 0;
  bool flip = false;  // mirrored within the rectangle
};

}  // namespace preannotate
