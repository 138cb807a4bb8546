#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <vector>

#include "canvas.h"
#include "light.h"
#include "preannotate/image/placement.h"
#include "resize.h"

namespace preannotate {
namespace {

using image::Region;
using image::Target;

/// Where position p of an image axis lies on the axis of its decoded picture: p * scale + offset.
struct Axis {
  double scale = 1, offset = 0;
};

/// A JPEG decoded at 1/n has ceil(length / n) pixels, the last of them only partly filled. EXIF
/// orientation may have turned that one to the beginning.
bool is_decoded_at(int divisor, int length, int decoded) {
  return (length + divisor - 1) / divisor == decoded;
}

Axis axis_at(int divisor, int length, int decoded, bool reversed) {
  const double scale = 1.0 / divisor;
  return {scale, reversed ? decoded - length * scale : 0};
}

struct Axes {
  Axis x, y;
};

Axes axes_of(const DecodedImage& image) {
  const auto& picture = image.picture;
  const int orientation = image.orientation;
  const bool x_reversed =
      orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool y_reversed =
      orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  for (const int divisor : {1, 2, 4, 8}) {
    if (is_decoded_at(divisor, image.width, picture.width) &&
        is_decoded_at(divisor, image.height, picture.height)) {
      return {axis_at(divisor, image.width, picture.width, x_reversed),
              axis_at(divisor, image.height, picture.height, y_reversed)};
    }
  }
  return {{double(picture.width) / image.width, 0}, {double(picture.height) / image.height, 0}};
}

/// Canvas pixels [begin, end) of one axis whose centres lie on the image.
struct Span {
  int begin = 0, end = 0;
  int length() const { return end - begin; }
};

/// An image that is thinner than a canvas pixel still gets that pixel.
Span span_of(double from, int length, double scale, int canvas) {
  constexpr double kRounding = 1e-6;
  const double first = -from * scale, last = (length - from) * scale;
  const auto pixel = [&](double edge) {
    return static_cast<int>(std::clamp(std::ceil(edge - 0.5 - kRounding), 0.0, double(canvas)));
  };
  Span span{pixel(first), pixel(last)};
  if (span.length() > 0) return span;
  const double centre = std::floor((first + last) / 2);
  if (last - first >= 1 || centre < 0 || centre >= canvas) return {};
  return {static_cast<int>(centre), static_cast<int>(centre) + 1};
}

/// The image scaled, flipped and lit on a canvas [height, width, 3].
void render_canvas(const DecodedImage& image, const Placement& placement, FrameSize canvas,
                   std::uint8_t* out) {
  const auto across = span_of(placement.x, image.width, placement.scale, canvas.width);
  const auto down = span_of(placement.y, image.height, placement.scale, canvas.height);
  const std::int64_t stride = std::int64_t{3} * canvas.width;
  if (across.length() < canvas.width || down.length() < canvas.height) {
    std::fill_n(out, stride * canvas.height, image::kGrey);
  }
  if (across.length() <= 0 || down.length() <= 0) return;

  const auto [x, y] = axes_of(image);
  const double step = 1 / placement.scale;  // image pixels a canvas pixel
  const Region region{(placement.x + across.begin * step) * x.scale + x.offset,
                      (placement.y + down.begin * step) * y.scale + y.offset,
                      across.length() * step * x.scale, down.length() * step * y.scale};
  const int left = placement.flip_x ? canvas.width - across.end : across.begin;
  Target target{out + std::int64_t{3} * left, across.length(), down.length(), stride};
  if (placement.flip_y) {  // rows from the bottom up
    target.rgb += stride * (canvas.height - 1 - down.begin);
    target.stride = -stride;
  } else {
    target.rgb += stride * down.begin;
  }
  image::resize(image.picture, region, placement.flip_x, target);
  image::change_light({placement.brightness, placement.contrast, placement.saturation}, target);
}

}  // namespace

void render_placement(const DecodedImage& image, const Placement& placement, FrameSize frame,
                      std::uint8_t* out) {
  if (placement.quarter_turns % 2 == 0) {
    Placement upright = placement;
    if (placement.quarter_turns == 2) {  // half a turn is both flips
      upright.flip_x = !upright.flip_x;
      upright.flip_y = !upright.flip_y;
    }
    return render_canvas(image, upright, frame, out);
  }
  const auto canvas = image::canvas_of(frame, /*sideways=*/true);
  std::vector<std::uint8_t> pixels(size_t{3} * canvas.width * canvas.height);
  render_canvas(image, placement, canvas, pixels.data());
  const cv::Mat from(canvas.height, canvas.width, CV_8UC3, pixels.data());
  cv::Mat to(frame.height, frame.width, CV_8UC3, out);
  cv::rotate(
      from, to,
      placement.quarter_turns == 1 ? cv::ROTATE_90_CLOCKWISE : cv::ROTATE_90_COUNTERCLOCKWISE);
}

}  // namespace preannotate
