#pragma once

#include <cstdint>

namespace preannotate {

/// One image for depthwise_5x5(): plain loops over memory, channels last, C a multiple of 16.
struct DepthwiseSize {
  std::int64_t height = 0, width = 0, channels = 0;
  std::int64_t padded_floats() const { return (height + 4) * (width + 4) * channels; }
};

/// x [H, W, C] into padded [H + 4, W + 4, C] with a border of two zeros.
void pad_by_two(const float* x, DepthwiseSize size, float* padded);

/// out [H, W, C] = sum over ky, kx of padded[y + ky][x + kx] * weight[5 * ky + kx].
void depthwise_image(const float* padded, const float* weight, DepthwiseSize size, float* out);

/// d_weight [25, C] += sum over y, x of padded[y + ky][x + kx] * d_out[y][x].
void depthwise_weight_gradient(const float* padded, const float* d_out, DepthwiseSize size,
                               float* d_weight);

}  // namespace preannotate
