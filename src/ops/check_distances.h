#pragma once

#include <torch/types.h>

namespace preannotate {

/// Throws c10::ValueError, in the name of `op`, unless these are what decode_boxes() takes.
void check_distances(const char* op, const torch::Tensor& distances, const torch::Tensor& points);

}  // namespace preannotate
