#pragma once

#include "resize.h"

namespace preannotate::image {

/// What lies beside the picture in a view or a frame.
inline constexpr std::uint8_t kGrey = 127;

/// Factors, applied in this order.
struct Light {
  double brightness = 1, contrast = 1, saturation = 1;
};

/// Contrast stretches around the target's mean grey, saturation away from each pixel's own grey.
void change_light(const Light& light, const Target& target);

}  // namespace preannotate::image
