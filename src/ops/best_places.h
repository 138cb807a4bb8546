#pragma once

#include <torch/types.h>

namespace preannotate::ops {

/// Of each image the best `limit` of the places, best first, equal scores in the order of their
/// places; image by image.
///
///   scores   [N, A, C] float32, contiguous, none of the places' NaN
///   places   [M] int64, rising: positions among all scores
///   returns  [K] int64, some of the places
///
/// By sorts of libtorch's, on any device.
torch::Tensor best_by_sorts(const torch::Tensor& scores, const torch::Tensor& places,
                            int64_t limit);
/// The same on the CPU, where an image's places lie side by side and no more than the best need be
/// in order.
torch::Tensor best_by_image(const torch::Tensor& scores, const torch::Tensor& places,
                            int64_t limit);

}  // namespace preannotate::ops
