#pragma once

#include "preannotate/core/host_device.h"

namespace preannotate {

/// Corners in pixels of the upright image; x2 and y2 are exclusive, so the width is x2 - x1.
struct Box {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;

  PREANNOTATE_HOST_DEVICE float width() const { return x2 > x1 ? x2 - x1 : 0.0f; }
  PREANNOTATE_HOST_DEVICE float height() const { return y2 > y1 ? y2 - y1 : 0.0f; }
  PREANNOTATE_HOST_DEVICE float area() const { return width() * height(); }

  friend bool operator==(const Box&, const Box&) = default;
};

/// Intersection over union in [0, 1]; 0 when both boxes are empty.
PREANNOTATE_HOST_DEVICE inline float iou(const Box& a, const Box& b) {
  const Box both{a.x1 > b.x1 ? a.x1 : b.x1, a.y1 > b.y1 ? a.y1 : b.y1, a.x2 < b.x2 ? a.x2 : b.x2,
                 a.y2 < b.y2 ? a.y2 : b.y2};
  const float shared = both.area();
  const float joined = a.area() + b.area() - shared;
  return joined > 0.0f ? shared / joined : 0.0f;
}

}  // namespace preannotate
