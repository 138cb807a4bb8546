#pragma once

#include <cstdint>

#include "preannotate/core/host_device.h"

namespace preannotate::ops {

/// In this order of operations, so that every device rounds alike.
PREANNOTATE_HOST_DEVICE inline float normalized(std::uint8_t byte, float mean, float std) {
  return (static_cast<float>(byte) / 255.0f - mean) / std;
}

/// One pixel of interleaved RGB bytes to three floats. Channels-last memory has the same order.
struct NormalizePixel {
  const std::uint8_t* bytes;  // [count, 3]
  float* values;              // [count, 3]
  std::int64_t count;
  float mean[3], std[3];

  std::int64_t size() const { return count; }

  PREANNOTATE_HOST_DEVICE void operator()(std::int64_t pixel) const {
    for (int c = 0; c < 3; ++c) {
      const std::int64_t i = 3 * pixel + c;
      values[i] = normalized(bytes[i], mean[c], std[c]);
    }
  }
};

}  // namespace preannotate::ops
