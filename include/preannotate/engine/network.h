#pragma once

#include <torch/types.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "preannotate/engine/precision.h"

namespace torch::jit {
struct Module;
}

namespace preannotate {

/// A TorchScript network compiled for the CPU: convolutions with what follows them (BatchNorm, an
/// activation, an addition) and whole inverted residuals run as one step each on kernels of our
/// own; any other operator runs as libtorch's. Shares nothing with the module it was made of.
class CompiledNetwork {
 public:
  /// `why_not` is set and nothing returned when the graph has control flow, is not traced to
  /// tensors, holds no convolution that the kernels know, or the processor lacks the precision.
  static std::unique_ptr<CompiledNetwork> compile(const torch::jit::Module& module,
                                                  Precision precision, std::string& why_not);
  ~CompiledNetwork();

  /// pixels [N, H, W, 3] uint8 RGB, contiguous; (pixel / 255 - mean) / std is what the network
  /// sees. Returns what forward() of the module does, flattened: float32, 4-D ones channels-last.
  /// Thread-safe; computes on the calling thread.
  std::vector<torch::Tensor> forward(const torch::Tensor& pixels, const std::array<float, 3>& mean,
                                     const std::array<float, 3>& std) const;

  /// Whether the module returns a tuple rather than one tensor.
  bool returns_tuple() const;
  Precision precision() const;
  /// Whether no operator of libtorch takes part: then an image's result does not depend, to the
  /// last bit, on the others of its batch.
  bool rows_are_independent() const;
  /// "bf16 (AMX bf16): 1 convolution, 16 blocks, 3 operators of libtorch"
  std::string description() const;

 private:
  CompiledNetwork();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace preannotate
