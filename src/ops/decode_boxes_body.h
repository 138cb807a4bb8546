#pragma once

#include <cstdint>

#include "preannotate/core/box.h"

namespace preannotate::ops {

/// One cell's distances to the corners of its box.
struct DecodeBox {
  const float* distances;  // [count, 4]: left, top, right, bottom in strides
  const float* points;     // [cells, 3]: x, y, stride in pixels
  Box* boxes;              // [count]
  std::int64_t count, cells;

  std::int64_t size() const { return count; }

  PREANNOTATE_HOST_DEVICE void operator()(std::int64_t i) const {
    const float* distance = distances + 4 * i;
    const float* point = points + 3 * (i % cells);
    const float x = point[0], y = point[1], stride = point[2];
    boxes[i] = {x - distance[0] * stride, y - distance[1] * stride, x + distance[2] * stride,
                y + distance[3] * stride};
  }
};

}  // namespace preannotate::ops
