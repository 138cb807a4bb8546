#include "preannotate/image/augment.h"

#include <algorithm>
#include <cmath>

#include "light.h"
#include "preannotate/core/error.h"
#include "resize.h"

namespace preannotate {
namespace {

using image::kGrey;
using image::Target;

/// The centre square of the part.
void crop_square(ViewPlace& place) {
  const double side = std::min(place.w, place.h);
  place.x += (place.w - side) / 2;
  place.y += (place.h - side) / 2;
  place.w = place.h = side;
}

/// The rectangle that the part fills when its long side fits.
void letterbox(ViewPlace& place, int side) {
  const double longest = std::max(place.w, place.h);
  const auto fit = [&](double length) {
    return std::clamp(static_cast<int>(std::lround(length / longest * side)), 1, side);
  };
  place.width = fit(place.w);
  place.height = fit(place.h);
  place.left = (side - place.width) / 2;
  place.top = (side - place.height) / 2;
}

}  // namespace

std::vector<View> views_named(std::string_view augment) {
  std::vector<View> views{{.name = "plain"}};
  if (augment == "none") return views;
  if (augment != "light" && augment != "strong") {
    throw UserError(kUsageError, "unknown augmentation '", augment,
                    "'; known: none, light, strong");
  }
  views.push_back({.name = "flip", .flip = true});
  views.push_back({.name = "crop_tl", .x = 0, .y = 0, .w = 0.85, .h = 0.85});
  views.push_back(
      {.name = "crop_br_flip", .x = 0.15, .y = 0.15, .w = 0.85, .h = 0.85, .flip = true});
  if (augment == "light") return views;
  views.push_back({.name = "crop_centre", .x = 0.125, .y = 0.125, .w = 0.75, .h = 0.75});
  views.push_back({.name = "crop_tr_flip", .x = 0.2, .y = 0, .w = 0.8, .h = 0.8, .flip = true});
  views.push_back({.name = "bright", .brightness = 1.25, .contrast = 0.85});
  views.push_back(
      {.name = "dark_flip", .flip = true, .brightness = 0.8, .contrast = 1.15, .saturation = 0.7});
  return views;
}

std::vector<View> tta_views() {
  return {{.name = "plain"}, {.name = "flip", .flip = true}};
}

Resize resize_named(std::string_view name) {
  for (const auto resize : {Resize::kSquash, Resize::kCrop, Resize::kLetterbox}) {
    if (name == resize_name(resize)) return resize;
  }
  throw UserError(kUsageError, "unknown resize '", name, "'; known: squash, crop, letterbox");
}

std::string_view resize_name(Resize resize) {
  switch (resize) {
    case Resize::kCrop:
      return "crop";
    case Resize::kLetterbox:
      return "letterbox";
    default:
      return "squash";
  }
}

ViewPlace place_view(int width, int height, const View& view, int side, Resize resize) {
  ViewPlace place{
      view.x * width, view.y * height, view.w * width, view.h * height, 0, 0, side, side};
  if (resize == Resize::kCrop) crop_square(place);
  if (resize == Resize::kLetterbox) letterbox(place, side);
  return place;
}

void render_view(const Picture& picture, const View& view, int side, Resize resize,
                 std::uint8_t* out) {
  const auto place = place_view(picture.width, picture.height, view, side, resize);
  const std::int64_t stride = std::int64_t{3} * side;
  if (resize == Resize::kLetterbox) std::fill_n(out, stride * side, kGrey);
  const Target target{out + place.top * stride + place.left * 3, place.width, place.height, stride};
  image::resize(picture, {place.x, place.y, place.w, place.h}, view.flip, target);
  image::change_light({view.brightness, view.contrast, view.saturation}, target);
}

}  // namespace preannotate
