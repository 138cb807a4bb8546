#pragma once

#include <torch/types.h>

namespace preannotate {

/// LogME (quality/log_me.h) of features [N, D] float32 for targets [N, C], one column a class.
double feature_evidence(const torch::Tensor& features, const torch::Tensor& targets);

}  // namespace preannotate
