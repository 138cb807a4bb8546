#include "depthwise_kernels.h"

#include <cstring>

// One copy for each kind of processor, chosen when the program starts.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define PREANNOTATE_EACH_CPU __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define PREANNOTATE_EACH_CPU
#endif

namespace preannotate {

namespace {

/// Eight channels; compiled to one register where there are such.
typedef float Lanes __attribute__((vector_size(32), aligned(4), may_alias));
constexpr std::int64_t kLanes = 8;

#define LOAD(pointer) (*reinterpret_cast<const Lanes*>(pointer))
#define STORE(pointer, value) (*reinterpret_cast<Lanes*>(pointer) = (value))

}  // namespace

void pad_by_two(const float* x, DepthwiseSize size, float* padded) {
  const std::int64_t c = size.channels, row = size.width * c, padded_row = row + 4 * c;
  std::memset(padded, 0, sizeof(float) * 2 * padded_row);
  for (std::int64_t y = 0; y < size.height; ++y) {
    float* to = padded + (y + 2) * padded_row;
    std::memset(to, 0, sizeof(float) * 2 * c);
    std::memcpy(to + 2 * c, x + y * row, sizeof(float) * row);
    std::memset(to + 2 * c + row, 0, sizeof(float) * 2 * c);
  }
  std::memset(padded + (size.height + 2) * padded_row, 0, sizeof(float) * 2 * padded_row);
}

/// Four neighbours at a time: eight loads of x and five of the weight serve twenty products.
PREANNOTATE_EACH_CPU
void depthwise_image(const float* padded, const float* weight, DepthwiseSize size, float* out) {
  const std::int64_t c = size.channels, padded_row = (size.width + 4) * c;
  for (std::int64_t y = 0; y < size.height; ++y) {
    for (std::int64_t channel = 0; channel < c; channel += kLanes) {
      std::int64_t x = 0;
      for (; x + 4 <= size.width; x += 4) {
        Lanes sum[4] = {};
        for (int ky = 0; ky < 5; ++ky) {
          const float* row = padded + (y + ky) * padded_row + x * c + channel;
          const float* filter = weight + 5 * ky * c + channel;
          Lanes in[8];
          for (int i = 0; i < 8; ++i) in[i] = LOAD(row + i * c);
          for (int kx = 0; kx < 5; ++kx) {
            const Lanes w = LOAD(filter + kx * c);
            for (int i = 0; i < 4; ++i) sum[i] += in[i + kx] * w;
          }
        }
        for (int i = 0; i < 4; ++i) STORE(out + (y * size.width + x + i) * c + channel, sum[i]);
      }
      for (; x < size.width; ++x) {
        Lanes sum = {};
        for (int k = 0; k < 25; ++k) {
          sum += LOAD(padded + (y + k / 5) * padded_row + (x + k % 5) * c + channel) *
                 LOAD(weight + k * c + channel);
        }
        STORE(out + (y * size.width + x) * c + channel, sum);
      }
    }
  }
}

/// Two registers of channels and five columns of the filter: ten sums that do not wait for one
/// another.
PREANNOTATE_EACH_CPU
void depthwise_weight_gradient(const float* padded, const float* d_out, DepthwiseSize size,
                               float* d_weight) {
  const std::int64_t c = size.channels, padded_row = (size.width + 4) * c;
  for (std::int64_t channel = 0; channel < c; channel += 2 * kLanes) {
    for (int ky = 0; ky < 5; ++ky) {
      Lanes low[5] = {}, high[5] = {};
      for (std::int64_t y = 0; y < size.height; ++y) {
        const float* row = padded + (y + ky) * padded_row + channel;
        const float* gradient = d_out + y * size.width * c + channel;
        for (std::int64_t x = 0; x < size.width; ++x, row += c, gradient += c) {
          const Lanes g_low = LOAD(gradient), g_high = LOAD(gradient + kLanes);
          for (int kx = 0; kx < 5; ++kx) {
            low[kx] += LOAD(row + kx * c) * g_low;
            high[kx] += LOAD(row + kx * c + kLanes) * g_high;
          }
        }
      }
      for (int kx = 0; kx < 5; ++kx) {
        float* to = d_weight + (5 * ky + kx) * c + channel;
        STORE(to, LOAD(to) + low[kx]);
        STORE(to + kLanes, LOAD(to + kLanes) + high[kx]);
      }
    }
  }
}

}  // namespace preannotate
