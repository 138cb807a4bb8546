#pragma once

#include <c10/core/ScalarType.h>

#include <cmath>
#include <cstdint>

#include "../image/light.h"
#include "normalize_body.h"
#include "preannotate/ops/picture_place.h"

namespace preannotate::ops {

/// How one target pixel of an axis is made, as in image/resize.cpp: the weighted sum of `count`
/// source pixels from `first` on. All but the outer two weigh the same.
struct Taps {
  std::int32_t first = 0, count = 0;
  float head = 0, inner = 0, tail = 0;

  PREANNOTATE_HOST_DEVICE float weight(int i) const {
    return i == 0 ? head : i == count - 1 ? tail : inner;
  }
};

PREANNOTATE_HOST_DEVICE inline double clamped(double value, double low, double high) {
  return value < low ? low : high < value ? high : value;
}

/// The average over [from, to) of an axis of `size` pixels.
PREANNOTATE_HOST_DEVICE inline Taps area_taps(double from, double to, int size) {
  const double begin = clamped(from, 0.0, size - 1.0);
  const double end = clamped(to, begin + 1e-6, size);
  const int beyond = static_cast<int>(std::ceil(end - 1e-9)), last = beyond < size ? beyond : size;
  const int touched = static_cast<int>(begin), first = touched < last ? touched : last - 1;
  const auto weight = [&](int pixel) {
    const double left = begin < pixel ? pixel : begin;
    const double right = pixel + 1.0 < end ? pixel + 1.0 : end;
    return static_cast<float>((right - left) / (end - begin));
  };
  return {first, last - first, weight(first), static_cast<float>(1.0 / (end - begin)),
          weight(last - 1)};
}

/// Between the two pixels beside `at`.
PREANNOTATE_HOST_DEVICE inline Taps linear_taps(double at, int size) {
  const double centre = clamped(at, 0.0, size - 1.0);
  const int before = static_cast<int>(centre), last_pair = size < 2 ? 0 : size - 2;
  const int first = before < last_pair ? before : last_pair;
  return {first, size < 2 ? 1 : 2, static_cast<float>(1 - (centre - first)), 0,
          static_cast<float>(centre - first)};
}

/// Target pixel i of `target`, which show [from, from + length) of `size` source pixels.
PREANNOTATE_HOST_DEVICE inline Taps taps_of(int i, double from, double length, int size,
                                            int target) {
  const double step = length / target;
  return step >= 1 ? area_taps(from + i * step, from + (i + 1) * step, size)
                   : linear_taps(from + (i + 0.5) * step - 0.5, size);
}

/// The taps of all columns and rows of all pictures' rectangles; they are few beside the pixels.
struct FindTaps {
  const PicturePlace* places;  // [pictures]
  std::int64_t pictures;
  std::int32_t height, width;  // of a canvas
  Taps* taps;                  // [pictures, width + height]: columns, then rows

  std::int64_t size() const { return pictures * (width + height); }

  PREANNOTATE_HOST_DEVICE void operator()(std::int64_t index) const {
    const PicturePlace& place = places[index / (width + height)];
    const int column = static_cast<int>(index % (width + height)), row = column - width;
    if (row < 0 && column < place.target_width) {
      taps[index] = taps_of(column, place.x, place.w, place.width, place.target_width);
    }
    if (row >= 0 && row < place.target_height) {
      taps[index] = taps_of(row, place.y, place.h, place.height, place.target_height);
    }
  }
};

/// One pixel of one canvas.
struct PreprocessPixel {
  const std::uint8_t* bytes;
  const PicturePlace* places;  // [pictures]
  const Taps* taps;            // of FindTaps
  std::int64_t pictures;
  std::int32_t height, width;  // of a canvas
  float mean[3], std[3];
  c10::ScalarType dtype;
  void* values;  // [pictures, height, width, 3] of dtype

  std::int64_t size() const { return pictures * height * width; }

  PREANNOTATE_HOST_DEVICE void operator()(std::int64_t index) const {
    // 32 bits: a GPU divides 64 by a subroutine.
    const auto pixel = static_cast<std::uint32_t>(index);
    const std::uint32_t row = pixel / width, picture = row / height;
    const PicturePlace& place = places[picture];
    const int x = static_cast<int>(pixel % width) - place.left;
    const int y = static_cast<int>(row % height) - place.top;
    std::uint8_t rgb[3] = {image::kGrey, image::kGrey, image::kGrey};
    if (x >= 0 && x < place.target_width && y >= 0 && y < place.target_height) {
      const Taps* of_picture = taps + std::int64_t{picture} * (width + height);
      resample(place, of_picture[place.flip ? place.target_width - 1 - x : x],
               of_picture[width + y], rgb);
    }
    for (int c = 0; c < 3; ++c) store(3 * index + c, normalized(rgb[c], mean[c], std[c]));
  }

 private:
  /// Rows first, then columns, each sum in rising order: as image/resize.cpp rounds.
  PREANNOTATE_HOST_DEVICE void resample(const PicturePlace& place, const Taps& across,
                                        const Taps& down, std::uint8_t* rgb) const {
    const std::uint8_t* top =
        bytes + place.offset + place.stride * down.first + std::int64_t{3} * across.first;
    float sum[3] = {0.5f, 0.5f, 0.5f};  // rounds
    for (int i = 0; i < across.count; ++i, top += 3) {
      float column[3] = {};
      const std::uint8_t* source = top;
      for (int k = 0; k < down.count; ++k, source += place.stride) {
        const float weight = down.weight(k);
        for (int c = 0; c < 3; ++c) column[c] += weight * source[c];
      }
      const float weight = across.weight(i);
      for (int c = 0; c < 3; ++c) sum[c] += weight * column[c];
    }
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<std::uint8_t>(sum[c] < 255.0f ? sum[c] : 255.0f);
    }
  }

  PREANNOTATE_HOST_DEVICE void store(std::int64_t index, float value) const {
    if (dtype == c10::ScalarType::Half) {
      static_cast<c10::Half*>(values)[index] = value;
    } else if (dtype == c10::ScalarType::BFloat16) {
      static_cast<c10::BFloat16*>(values)[index] = value;
    } else {
      static_cast<float*>(values)[index] = value;
    }
  }
};

}  // namespace preannotate::ops
