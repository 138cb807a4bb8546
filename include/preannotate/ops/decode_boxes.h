#pragma once

#include <torch/types.h>

namespace preannotate {

/// The box head's distances to boxes. No gradient flows through.
///
///   distances [N, A, 4] float32, from a cell's centre to the left, top, right and bottom edge, in
///             strides, CPU or CUDA
///   points    [A, 3]    float32, a cell's centre x, y and stride in pixels of the network's input
///   returns   [N, A, 4] float32, x1 y1 x2 y2 in those pixels, not clipped
///
/// Throws c10::ValueError for arguments outside of this, UserError(kNoDevice) for CUDA in a build
/// without it. CPU and CUDA give the same bits: tests/ops/decode_boxes_test.cpp.
torch::Tensor decode_boxes(const torch::Tensor& distances, const torch::Tensor& points);

/// Boxes that may be drafted, before suppression; everything on the device of the scores.
struct Candidates {
  torch::Tensor boxes;    // [K, 4] float32
  torch::Tensor scores;   // [K] float32
  torch::Tensor classes;  // [K] int64, from 0 on
  torch::Tensor images;   // [K] int64, position in the batch
};

/// Every image, cell and class whose score is `floor` or more, NaN never; of an image at most the
/// `limit` best. Image by image, best first, equal scores by cell, then class. No box but theirs is
/// decoded.
///
///   distances, points  as decode_boxes() takes them
///   scores             [N, A, C] float32, on the device of `distances`
///   limit              0 or more
///
/// On CUDA the host waits twice a call, whatever the number of images. Throws as decode_boxes().
Candidates decode_candidates(const torch::Tensor& distances, const torch::Tensor& points,
                             const torch::Tensor& scores, float floor, int64_t limit);

}  // namespace preannotate
