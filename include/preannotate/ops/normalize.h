#pragma once

#include <torch/types.h>

#include <array>

namespace preannotate {

/// Bytes to the network's input.
///
///   pixels   [N, H, W, 3] uint8 RGB, contiguous, CPU or CUDA
///   mean, std of the backbone, for pixels scaled to [0, 1]
///   returns  [N, 3, H, W] float32 in channels-last memory, (pixel / 255 - mean) / std
///
/// CPU and CUDA give the same bits: tests/ops/normalize_test.cpp.
torch::Tensor normalize(const torch::Tensor& pixels, const std::array<float, 3>& mean,
                        const std::array<float, 3>& std);

}  // namespace preannotate
