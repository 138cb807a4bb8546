#pragma once

#include <torch/types.h>

#include <array>
#include <span>

#include "preannotate/ops/picture_place.h"

namespace preannotate {

/// What a batch becomes: canvases of height x width pixels, normalised and rounded to `dtype`.
struct PreprocessOptions {
  int height = 0, width = 0;                  // pixels
  std::array<float, 3> mean{}, std{};         // of the backbone, for pixels scaled to [0, 1]
  torch::ScalarType dtype = torch::kFloat32;  // or kFloat16, kBFloat16
};

/// Pictures of any sizes to the network's input, in two launches however many they are.
///
///   bytes    [B] uint8, contiguous, RGB pixels, CPU or CUDA
///   places   one a picture, each inside the bytes and its canvas
///   returns  [N, height, width, 3] of `dtype`, on the device of `bytes`:
///            (pixel / 255 - mean) / std in float32, then rounded; permute({0, 3, 1, 2}) of it is
///            the channels-last [N, 3, height, width]
///
/// A pixel is the byte that the image module gives: averaged over its area along an axis that
/// shrinks, bilinear along one that grows, and grey (127) beside the picture's rectangle. Up to
/// 2^31 pixels a batch. Throws c10::ValueError for arguments outside of this, UserError(kNoDevice)
/// for CUDA in a build without it. CPU and CUDA give the same bits: tests/ops/preprocess_test.cpp.
torch::Tensor preprocess(const torch::Tensor& bytes, std::span<const PicturePlace> places,
                         const PreprocessOptions& options);

}  // namespace preannotate
