#pragma once

#include <cstdint>

namespace preannotate {

/// One image for depthwise_5x5(): plain loops over memory, channels last, C a multiple of 16. Cells
/// outside the image count as zero.
struct DepthwiseSize {
  std::int64_t height = 0, width = 0, channels = 0;
};

/// out [H, W, C] = sum over ky, kx of x[y + ky - 2][x + kx - 2] * weight[5 * ky + kx].
void depthwise_image(const float* x, const float* weight, DepthwiseSize size, float* out);

/// d_weight [25, C] += sum over y, x of x[y + ky - 2][x + kx - 2] * d_out[y][x].
void depthwise_weight_gradient(const float* x, const float* d_out, DepthwiseSize size,
                               float* d_weight);

}  // namespace preannotate
