#pragma once

#include <cstdint>

#include "preannotate/core/host_device.h"

namespace preannotate::ops {

/// One pixel of interleaved RGB bytes to three floats: (byte / 255 - mean) / std, in this order of
/// operations, so that every device rounds alike. Channels-last memory has the same order.
struct NormalizePixel {
  const std::uint8_t* bytes;  // [count, 3]
  float* values;              // [count, 3]
  std::int64_t count;
  float mean[3], std[3];

  std::int64_t size() const { return count; }

  PREANNOTATE_HOST_DEVICE void operator()(std::int64_t pixel) const {
    for (int c = 0; c < 3; ++c) {
      const std::int64_t i = 3 * pixel + c;
      values[i] = (static_cast<float>(bytes[i]) / 255.0f - mean[c]) / std[c];
    }
  }
};

}  // namespace preannotate::ops
