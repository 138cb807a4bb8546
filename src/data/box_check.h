#pragma once

#include <optional>
#include <string>

#include "preannotate/core/box.h"

namespace preannotate {

/// Corners as a file gives them, in pixels; x2 and y2 exclusive.
struct Corners {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

/// What became of a box that is not as it should be; `reason` is "" for one that is.
struct BoxVerdict {
  std::optional<Box> box;  // absent: leave this label out
  std::string reason;      // empty_box, box_outside_image, box_clipped
  std::string detail;      // "box 10,20 to 700,60 reaches beyond the 640 x 480 image; clipped"
};

/// Clips to the image, if its size is known (not 0), what keeps at least 1 x 1 px in it.
BoxVerdict checked_box(const Corners& corners, int width, int height);

}  // namespace preannotate
