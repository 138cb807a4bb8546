#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "preannotate/core/box.h"
#include "preannotate/image/placement.h"

namespace preannotate::testing_support {

/// A black picture on which `box` (whole pixels) is white.
inline Picture drawn_box(int width, int height, const Box& box) {
  Picture picture{width, height, std::vector<std::uint8_t>(size_t{3} * width * height)};
  for (int y = int(box.y1); y < int(box.y2); ++y) {
    for (int x = int(box.x1); x < int(box.x2); ++x) {
      for (int c = 0; c < 3; ++c) picture.rgb[3 * (size_t(y) * width + x) + c] = 255;
    }
  }
  return picture;
}

inline DecodedImage decoded(Picture picture) {
  DecodedImage image;
  image.width = picture.width, image.height = picture.height;
  image.picture = std::move(picture);
  return image;
}

inline Picture rendered(const DecodedImage& image, const Placement& placement, FrameSize frame) {
  Picture out{frame.width, frame.height,
              std::vector<std::uint8_t>(size_t{3} * frame.width * frame.height)};
  render_placement(image, placement, frame, out.rgb.data());
  return out;
}

/// Steps from pixel (x, y), inside the drawn box, to where its brightness falls to half: the
/// distance from that pixel's centre, to fractions of a pixel.
inline double distance_to_edge(const Picture& picture, int x, int y, int step_x, int step_y) {
  const auto level = [&](int steps) {
    return picture.rgb[3 * (size_t(y + steps * step_y) * picture.width + x + steps * step_x)];
  };
  const auto is_inside = [&](int steps) {
    const int at_x = x + steps * step_x, at_y = y + steps * step_y;
    return at_x >= 0 && at_x < picture.width && at_y >= 0 && at_y < picture.height;
  };
  EXPECT_GT(level(0), 127.5);
  int steps = 0;
  while (is_inside(steps + 1) && level(steps + 1) > 127.5) ++steps;
  if (!is_inside(steps + 1)) return steps + 0.5;
  return steps + (level(steps) - 127.5) / double(level(steps) - level(steps + 1));
}

/// The drawn box around pixel (x, y) as it lies in `picture`.
inline Box found_box(const Picture& picture, double at_x, double at_y) {
  const int x = static_cast<int>(at_x), y = static_cast<int>(at_y);
  return {float(x + 0.5 - distance_to_edge(picture, x, y, -1, 0)),
          float(y + 0.5 - distance_to_edge(picture, x, y, 0, -1)),
          float(x + 0.5 + distance_to_edge(picture, x, y, 1, 0)),
          float(y + 0.5 + distance_to_edge(picture, x, y, 0, 1))};
}

inline Box found_at(const Picture& picture, const Box& expected) {
  return found_box(picture, (expected.x1 + expected.x2) / 2, (expected.y1 + expected.y2) / 2);
}

/// The largest distance between the same edges of two boxes.
inline double farthest_edge(const Box& a, const Box& b) {
  return std::max(
      {std::abs(a.x1 - b.x1), std::abs(a.y1 - b.y1), std::abs(a.x2 - b.x2), std::abs(a.y2 - b.y2)});
}

}  // namespace preannotate::testing_support
