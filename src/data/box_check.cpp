#include "box_check.h"

#include <algorithm>
#include <sstream>

namespace preannotate {
namespace {

/// Files round to 2 or 3 decimals: no more than that is no box beyond the image.
constexpr double kRounding = 0.011;
constexpr double kLeast = 1;  // of a clipped box, px
/// Nothing is further out, so that a float holds it.
constexpr double kFarthest = 1 << 30;

std::string shown(const Corners& box, int width, int height) {
  std::ostringstream text;
  text << "box " << box.x1 << "," << box.y1 << " to " << box.x2 << "," << box.y2;
  if (width > 0 && height > 0) text << " in an image of " << width << " x " << height << " px";
  return text.str();
}

Box as_box(const Corners& corners) {
  return {static_cast<float>(corners.x1), static_cast<float>(corners.y1),
          static_cast<float>(corners.x2), static_cast<float>(corners.y2)};
}

}  // namespace

BoxVerdict checked_box(const Corners& corners, int width, int height) {
  const auto what = shown(corners, width, height);
  if (!(corners.x2 > corners.x1 && corners.y2 > corners.y1))
    return {{}, "empty_box", what + " has no area; left out"};
  const double right = width > 0 ? width : kFarthest, bottom = height > 0 ? height : kFarthest;
  const Corners inside{std::clamp(corners.x1, 0.0, right), std::clamp(corners.y1, 0.0, bottom),
                       std::clamp(corners.x2, 0.0, right), std::clamp(corners.y2, 0.0, bottom)};
  const double beyond = std::max({inside.x1 - corners.x1, inside.y1 - corners.y1,
                                  corners.x2 - inside.x2, corners.y2 - inside.y2});
  const Box box = as_box(inside);
  const bool has_area = box.width() > 0 && box.height() > 0;  // not if floats round its sides alike
  if (beyond <= kRounding && has_area) return {box, {}, {}};
  if (beyond > 0 && (inside.x2 - inside.x1 < kLeast || inside.y2 - inside.y1 < kLeast)) {
    return {{}, "box_outside_image", what + " lies outside of it; left out"};
  }
  if (!has_area) return {{}, "empty_box", what + " has no area; left out"};
  return {box, "box_clipped", what + " reaches beyond it; clipped"};
}

}  // namespace preannotate
