#include "depthwise_kernels.h"

#include <cstring>
#include <vector>

#include "lanes.h"
#include "preannotate/core/each_cpu.h"

namespace preannotate {

namespace {

/// The rows of an image with two zero cells at either end, five at a time: few enough to stay in a
/// core's cache, where a padded copy of the image would not.
class PaddedRows {
 public:
  PaddedRows(const float* x, DepthwiseSize size)
      : x_(x),
        size_(size),
        length_((size.width + 4) * size.channels),
        zeros_(static_cast<size_t>(length_)),
        kept_(static_cast<size_t>(5 * length_)) {
    for (std::int64_t y = 0; y < 2; ++y) keep(y);
  }

  /// Rows y - 2 to y + 2; to be asked for y = 0, 1, 2, ...
  void around(std::int64_t y, const float* rows[5]) {
    keep(y + 2);
    for (std::int64_t i = 0; i < 5; ++i) {
      const std::int64_t row = y + i - 2;
      rows[i] = row >= 0 && row < size_.height ? slot(row) : zeros_.data();
    }
  }

 private:
  float* slot(std::int64_t row) { return kept_.data() + (row % 5) * length_; }

  void keep(std::int64_t row) {
    if (row >= size_.height) return;
    const std::int64_t floats = size_.width * size_.channels;
    std::memcpy(slot(row) + 2 * size_.channels, x_ + row * floats,
                sizeof(float) * static_cast<size_t>(floats));
  }

  const float* x_;
  DepthwiseSize size_;
  std::int64_t length_;
  std::vector<float> zeros_, kept_;
};

/// Four neighbours at a time: eight loads of x and five of the weight serve twenty products. All
/// channels of four cells before the next four: what they share of the rows stays in the first
/// cache.
PREANNOTATE_EACH_CPU
void depthwise_row(const float* const rows[5], const float* weight, std::int64_t width,
                   std::int64_t c, float* out) {
  std::int64_t x = 0;
  for (; x + 4 <= width; x += 4) {
    for (std::int64_t channel = 0; channel < c; channel += kLanes) {
      Lanes sum[4] = {};
      for (int ky = 0; ky < 5; ++ky) {
        const float* row = rows[ky] + x * c + channel;
        const float* filter = weight + 5 * ky * c + channel;
        Lanes in[8];
        for (int i = 0; i < 8; ++i) in[i] = LOAD(row + i * c);
        for (int kx = 0; kx < 5; ++kx) {
          const Lanes w = LOAD(filter + kx * c);
          for (int i = 0; i < 4; ++i) sum[i] += in[i + kx] * w;
        }
      }
      for (int i = 0; i < 4; ++i) STORE(out + (x + i) * c + channel, sum[i]);
    }
  }
  for (; x < width; ++x) {
    for (std::int64_t channel = 0; channel < c; channel += kLanes) {
      Lanes sum = {};
      for (int k = 0; k < 25; ++k) {
        sum += LOAD(rows[k / 5] + (x + k % 5) * c + channel) * LOAD(weight + k * c + channel);
      }
      STORE(out + x * c + channel, sum);
    }
  }
}

/// Two registers of channels and five columns of the filter: ten sums that do not wait for one
/// another.
PREANNOTATE_EACH_CPU
void weight_gradient_row(const float* const rows[5], const float* d_out, std::int64_t width,
                         std::int64_t c, float* d_weight) {
  for (std::int64_t channel = 0; channel < c; channel += 2 * kLanes) {
    for (int ky = 0; ky < 5; ++ky) {
      float* to = d_weight + 5 * ky * c + channel;
      Lanes low[5], high[5];
      for (int kx = 0; kx < 5; ++kx) {
        low[kx] = LOAD(to + kx * c);
        high[kx] = LOAD(to + kx * c + kLanes);
      }
      const float* row = rows[ky] + channel;
      const float* gradient = d_out + channel;
      for (std::int64_t x = 0; x < width; ++x, row += c, gradient += c) {
        const Lanes g_low = LOAD(gradient), g_high = LOAD(gradient + kLanes);
        for (int kx = 0; kx < 5; ++kx) {
          low[kx] += LOAD(row + kx * c) * g_low;
          high[kx] += LOAD(row + kx * c + kLanes) * g_high;
        }
      }
      for (int kx = 0; kx < 5; ++kx) {
        STORE(to + kx * c, low[kx]);
        STORE(to + kx * c + kLanes, high[kx]);
      }
    }
  }
}

}  // namespace

void depthwise_image(const float* x, const float* weight, DepthwiseSize size, float* out) {
  PaddedRows padded(x, size);
  for (std::int64_t y = 0; y < size.height; ++y) {
    const float* rows[5];
    padded.around(y, rows);
    depthwise_row(rows, weight, size.width, size.channels, out + y * size.width * size.channels);
  }
}

void depthwise_weight_gradient(const float* x, const float* d_out, DepthwiseSize size,
                               float* d_weight) {
  PaddedRows padded(x, size);
  for (std::int64_t y = 0; y < size.height; ++y) {
    const float* rows[5];
    padded.around(y, rows);
    weight_gradient_row(rows, d_out + y * size.width * size.channels, size.width, size.channels,
                        d_weight);
  }
}

}  // namespace preannotate
