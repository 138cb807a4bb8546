#include "light.h"

#include <algorithm>
#include <array>

namespace preannotate::image {
namespace {

using Levels = std::array<std::uint8_t, 256>;  // what each sample becomes

constexpr double kLuma[3] = {0.299, 0.587, 0.114};

/// Rounded to the nearest.
std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0) + 0.5);
}

template <class Change>
void for_each_pixel(const Target& target, Change change) {
  for (int y = 0; y < target.height; ++y) {
    auto* row = target.rgb + target.stride * y;
    for (int x = 0; x < target.width; ++x) change(row + 3 * x);
  }
}

/// The mean grey of the target once its samples are `levels`.
double mean_grey(const Target& target, const Levels& levels) {
  std::int64_t sums[3] = {0, 0, 0};
  for_each_pixel(target, [&](const std::uint8_t* rgb) {
    for (int c = 0; c < 3; ++c) sums[c] += levels[rgb[c]];
  });
  double grey = 0;
  for (int c = 0; c < 3; ++c) grey += kLuma[c] * static_cast<double>(sums[c]);
  return grey / (double(target.width) * target.height);
}

/// The samples become `levels`, then sample v of a pixel of grey g becomes g + (v - g) *
/// saturation. Both terms come from tables: the frames of a training run are many.
void change_saturation(const Levels& levels, double saturation, const Target& target) {
  std::array<double, 256> own, shared[3];
  for (int i = 0; i < 256; ++i) {
    own[i] = levels[i] * saturation;
    for (int c = 0; c < 3; ++c) shared[c][i] = levels[i] * kLuma[c] * (1 - saturation);
  }
  for_each_pixel(target, [&](std::uint8_t* rgb) {
    const double grey = shared[0][rgb[0]] + shared[1][rgb[1]] + shared[2][rgb[2]];
    for (int c = 0; c < 3; ++c) rgb[c] = to_byte(own[rgb[c]] + grey);
  });
}

}  // namespace

void change_light(const Light& light, const Target& target) {
  if (light.brightness == 1 && light.contrast == 1 && light.saturation == 1) return;
  Levels levels;
  for (int i = 0; i < 256; ++i) levels[i] = to_byte(i * light.brightness);
  if (light.contrast != 1) {
    const double mean = mean_grey(target, levels);
    for (auto& level : levels) level = to_byte(mean + (level - mean) * light.contrast);
  }
  change_saturation(levels, light.saturation, target);
}

}  // namespace preannotate::image
