#pragma once

#include <torch/types.h>

namespace preannotate {

/// Greedy non-maximum suppression over one class.
///
///   boxes   [N, 4] float32, x1 y1 x2 y2 in pixels, CPU or CUDA
///   scores  [N]    float32 without NaN, on the device of `boxes`
///   returns [K]    int64, the rows kept, best score first; equal scores keep input order
///
/// A box is dropped when its IoU with a kept box is above `iou_threshold`, 0 or more.
/// Throws c10::ValueError for arguments outside of this, UserError(kNoDevice) for CUDA in a build
/// without it. CPU and CUDA keep the same rows: tests/ops/nms_test.cpp.
torch::Tensor nms(const torch::Tensor& boxes, const torch::Tensor& scores, float iou_threshold);

/// The same for many images and classes at once: only a box of the same class and image drops one.
///
///   classes [N] int64, all alike to suppress across classes
///   images  [N] int64
///
/// On CUDA the host waits twice a call, whatever the number of images and classes.
torch::Tensor batched_nms(const torch::Tensor& boxes, const torch::Tensor& scores,
                          const torch::Tensor& classes, const torch::Tensor& images,
                          float iou_threshold);

}  // namespace preannotate
