#include "resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "preannotate/core/each_cpu.h"

namespace preannotate::image {
namespace {

/// How the target pixels of one axis are made: pixel i is the sum over k below count[i] of source
/// pixel first[i] + k, times weights[begin[i] + k].
struct Taps {
  std::vector<int> first, count, begin;
  std::vector<float> weights;

  void clear() {
    first.clear();
    count.clear();
    begin.clear();
    weights.clear();
  }
  void add_pixel(int source) {
    first.push_back(source);
    begin.push_back(static_cast<int>(weights.size()));
    count.push_back(0);
  }
  void add_weight(double weight) {
    weights.push_back(static_cast<float>(weight));
    ++count.back();
  }
};

/// Target pixels of the source interval [from, from + length), of a source of `size` pixels.
void find_taps(double from, double length, int size, int target, Taps& taps) {
  taps.clear();
  const double step = length / target;
  for (int i = 0; i < target; ++i) {
    if (step >= 1) {
      const double begin = std::clamp(from + i * step, 0.0, size - 1.0);
      const double end = std::clamp(from + (i + 1) * step, begin + 1e-6, double(size));
      const int last = std::min(size, static_cast<int>(std::ceil(end - 1e-9)));
      const int first = std::min(static_cast<int>(std::floor(begin)), last - 1);
      taps.add_pixel(first);
      for (int s = first; s < last; ++s) {
        taps.add_weight((std::min(end, s + 1.0) - std::max(begin, double(s))) / (end - begin));
      }
    } else {
      const double centre = std::clamp(from + (i + 0.5) * step - 0.5, 0.0, size - 1.0);
      const int first = std::min(static_cast<int>(centre), std::max(0, size - 2));
      taps.add_pixel(first);
      taps.add_weight(1 - (centre - first));
      if (size > 1) taps.add_weight(centre - first);
    }
  }
}

/// sums[i] = the weighted sum of `count` rows at i, added in their order, so that every processor
/// gives the same bits.
PREANNOTATE_EACH_CPU
void blend_rows(const std::uint8_t* rows, std::int64_t stride, const float* weights, int count,
                int length, float* __restrict sums) {
  const auto *a = rows, *b = a + stride, *c = b + stride, *d = c + stride;
  const float u = weights[0], v = count > 1 ? weights[1] : 0, w = count > 2 ? weights[2] : 0;
  if (count == 1) {
    for (int i = 0; i < length; ++i) sums[i] = u * a[i];
  } else if (count == 2) {
    for (int i = 0; i < length; ++i) sums[i] = u * a[i] + v * b[i];
  } else if (count == 3) {
    for (int i = 0; i < length; ++i) sums[i] = u * a[i] + v * b[i] + w * c[i];
  } else {
    const float x = weights[3];
    for (int i = 0; i < length; ++i) sums[i] = u * a[i] + v * b[i] + w * c[i] + x * d[i];
  }
  for (int k = 4; k < count; ++k) {
    const auto* row = rows + k * stride;
    const float weight = weights[k];
    for (int i = 0; i < length; ++i) sums[i] += weight * row[i];
  }
}

/// A pixel's colours and a lane that is not used.
using Lanes = float __attribute__((vector_size(16)));

/// Colours in [0, 256), cut to whole numbers, and a fourth byte that means nothing.
std::uint32_t bytes_of(Lanes colours) {
#ifdef __SSE2__
  const auto words = _mm_cvttps_epi32(reinterpret_cast<__m128>(colours));
  const auto halves = _mm_packs_epi32(words, words);
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_packus_epi16(halves, halves)));
#else
  const std::uint8_t bytes[4] = {static_cast<std::uint8_t>(std::min(colours[0], 255.0f)),
                                 static_cast<std::uint8_t>(std::min(colours[1], 255.0f)),
                                 static_cast<std::uint8_t>(std::min(colours[2], 255.0f)), 0};
  std::uint32_t word;
  std::memcpy(&word, bytes, 4);
  return word;
#endif
}

/// One target row from `row`, [width + 2, 3] float: four lanes at a time, the fourth unused.
void blend_columns(const float* row, int x0, const Taps& taps, bool flip, int width,
                   std::uint8_t* out) {
  for (int x = 0; x < width; ++x, out += 3) {
    const int i = flip ? width - 1 - x : x;
    const float* from = row + std::int64_t{3} * (taps.first[i] - x0);
    const float* weights = taps.weights.data() + taps.begin[i];
    Lanes sum = {0.5f, 0.5f, 0.5f, 0.5f};  // rounds
    for (int k = 0; k < taps.count[i]; ++k, from += 3) {
      Lanes colours;
      std::memcpy(&colours, from, sizeof colours);
      sum += weights[k] * colours;
    }
    const auto bytes = bytes_of(sum);
    std::memcpy(out, &bytes, x + 1 < width ? 4 : 3);  // the next pixel writes over the fourth
  }
}

}  // namespace

void resize(const Picture& picture, const Region& region, bool flip, const Target& target) {
  thread_local Taps across, down;  // their memory, from image to image
  thread_local std::vector<float> row;
  find_taps(region.x, region.w, picture.width, target.width, across);
  find_taps(region.y, region.h, picture.height, target.height, down);
  const int x0 = across.first.front();
  const int columns = across.first.back() + across.count.back() - x0;
  row.resize(static_cast<size_t>(std::int64_t{3} * columns + 4));
  const std::int64_t stride = std::int64_t{3} * picture.width;
  for (int y = 0; y < target.height; ++y) {
    const auto* rows = picture.rgb.data() + stride * down.first[y] + std::int64_t{3} * x0;
    blend_rows(rows, stride, down.weights.data() + down.begin[y], down.count[y], 3 * columns,
               row.data());
    blend_columns(row.data(), x0, across, flip, target.width, target.rgb + target.stride * y);
  }
}

}  // namespace preannotate::image
