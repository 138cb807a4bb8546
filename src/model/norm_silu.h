#pragma once

#include <torch/types.h>

namespace preannotate {

constexpr double kNormEpsilon = 1e-3;

/// Batch normalisation (Ioffe and Szegedy 2015) and SiLU in one: z = gain * (x - mean) /
/// sqrt(var + kNormEpsilon) + shift, y = z * sigmoid(z); differentiable in x, gain and shift.
///
///   x                          [N, H, W, C] float32
///   gain, shift                [C] float32
///   running_mean, running_var  [C] float32; in training moved by a tenth to those of x (the
///                              variance with N H W - 1), else used in their place
///   returns                    [N, H, W, C] float32
///
/// On the CPU, with C a multiple of 8, by kernels of its own: the two operators and their backward
/// passes read and write the same memory nine times, these five.
torch::Tensor norm_silu(const torch::Tensor& x, const torch::Tensor& gain,
                        const torch::Tensor& shift, torch::Tensor running_mean,
                        torch::Tensor running_var, bool training);

}  // namespace preannotate
