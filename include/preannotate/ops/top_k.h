#pragma once

#include <torch/types.h>

namespace preannotate {

/// What is known of each image's class; everything on the device of the logits.
struct TopClasses {
  torch::Tensor probabilities;  // [N, k] float32, best first
  torch::Tensor classes;        // [N, k] int64, from 0 on
  torch::Tensor margins;        // [N] float32, best probability less the second; 1 where C is 1
  torch::Tensor entropies;      // [N] float32, of all C probabilities, in nats: 0 to ln C
};

/// The best k of the probabilities softmax(logits / temperature).
///
///   logits       [N, C] float32, C 1 or more, CPU or CUDA
///   k            1 to C; meant to be small, a row is read k + 2 times at most
///   temperature  above 0
///
/// The higher logit comes first, equal ones by class. A row that holds NaN or +infinity has NaN
/// for its figures. Throws c10::ValueError for arguments outside of this, UserError(kNoDevice) for
/// CUDA in a build without it. CPU and CUDA give the same bits: tests/ops/top_k_test.cpp.
TopClasses top_k(const torch::Tensor& logits, std::int64_t k, float temperature = 1);

}  // namespace preannotate
