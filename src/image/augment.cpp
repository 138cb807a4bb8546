#include "preannotate/image/augment.h"

#include <algorithm>
#include <cmath>

#include "light.h"
#include "preannotate/core/error.h"
#include "resize.h"

namespace preannotate {
namespace {

using image::kGrey;
using image::Region;
using image::Target;

/// The centre square of `region`.
Region centre_square(const Region& region) {
  const double side = std::min(region.w, region.h);
  return {region.x + (region.w - side) / 2, region.y + (region.h - side) / 2, side, side};
}

/// The part of the side x side square that `region` fills when its long side fits.
Target letterbox(const Region& region, int side, std::uint8_t* out) {
  const double longest = std::max(region.w, region.h);
  const auto fit = [&](double length) {
    return std::clamp(static_cast<int>(std::lround(length / longest * side)), 1, side);
  };
  const int width = fit(region.w), height = fit(region.h);
  const std::int64_t stride = std::int64_t{3} * side;
  return {out + (side - height) / 2 * stride + (side - width) / 2 * 3, width, height, stride};
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

void render_view(const Picture& picture, const View& view, int side, Resize resize,
                 std::uint8_t* out) {
  Region region{view.x * picture.width, view.y * picture.height, view.w * picture.width,
                view.h * picture.height};
  Target target{out, side, side, std::int64_t{3} * side};
  if (resize == Resize::kCrop) region = centre_square(region);
  if (resize == Resize::kLetterbox) {
    std::fill_n(out, target.stride * side, kGrey);
    target = letterbox(region, side, out);
  }
  image::resize(picture, region, view.flip, target);
  image::change_light({view.brightness, view.contrast, view.saturation}, target);
}

}  // namespace preannotate
