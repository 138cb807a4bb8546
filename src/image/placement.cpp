#include "preannotate/image/placement.h"

#include <algorithm>

#include "canvas.h"

namespace preannotate {
namespace {

using image::canvas_of;
using image::is_sideways;

struct Point {
  double x = 0, y = 0;
};

/// Clockwise: what was at the top of a canvas of `canvas` is then at the right.
Point turned(const Point& at, FrameSize canvas, int quarter_turns) {
  switch (quarter_turns) {
    case 1:
      return {canvas.height - at.y, at.x};
    case 2:
      return {canvas.width - at.x, canvas.height - at.y};
    case 3:
      return {at.y, canvas.width - at.x};
    default:
      return at;
  }
}

Point flipped(Point at, const Placement& placement, FrameSize canvas) {
  if (placement.flip_x) at.x = canvas.width - at.x;
  if (placement.flip_y) at.y = canvas.height - at.y;
  return at;
}

Box box_of(const Point& a, const Point& b) {
  return {static_cast<float>(std::min(a.x, b.x)), static_cast<float>(std::min(a.y, b.y)),
          static_cast<float>(std::max(a.x, b.x)), static_cast<float>(std::max(a.y, b.y))};
}

template <class Map>
Box mapped(const Box& box, Map map) {
  return box_of(map(Point{box.x1, box.y1}), map(Point{box.x2, box.y2}));
}

}  // namespace

Placement letterbox(int width, int height, FrameSize frame) {
  Placement placement;
  placement.scale = std::min(double(frame.width) / width, double(frame.height) / height);
  placement.x = (width - frame.width / placement.scale) / 2;
  placement.y = (height - frame.height / placement.scale) / 2;
  return placement;
}

Box to_frame(const Box& box, const Placement& placement, FrameSize frame) {
  const auto canvas = canvas_of(frame, is_sideways(placement));
  return mapped(box, [&](const Point& at) {
    const Point scaled{(at.x - placement.x) * placement.scale,
                       (at.y - placement.y) * placement.scale};
    return turned(flipped(scaled, placement, canvas), canvas, placement.quarter_turns);
  });
}

Box from_frame(const Box& box, const Placement& placement, FrameSize frame) {
  const auto canvas = canvas_of(frame, is_sideways(placement));
  return mapped(box, [&](const Point& at) {
    const auto upright = turned(at, frame, (4 - placement.quarter_turns) % 4);
    const auto scaled = flipped(upright, placement, canvas);
    return Point{scaled.x / placement.scale + placement.x,
                 scaled.y / placement.scale + placement.y};
  });
}

VisibleBoxes visible_boxes(const std::vector<Box>& boxes, const Placement& placement,
                           FrameSize frame, double least_visible) {
  constexpr float kLeastSide = 2;
  VisibleBoxes visible;
  for (size_t i = 0; i < boxes.size(); ++i) {
    const auto whole = to_frame(boxes[i], placement, frame);
    const float right = static_cast<float>(frame.width), bottom = static_cast<float>(frame.height);
    const Box seen{std::clamp(whole.x1, 0.0f, right), std::clamp(whole.y1, 0.0f, bottom),
                   std::clamp(whole.x2, 0.0f, right), std::clamp(whole.y2, 0.0f, bottom)};
    if (seen.width() < kLeastSide || seen.height() < kLeastSide) continue;
    if (seen.area() < least_visible * whole.area()) continue;
    visible.boxes.push_back(seen);
    visible.source.push_back(static_cast<int>(i));
  }
  return visible;
}

}  // namespace preannotate
