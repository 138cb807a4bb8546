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

/// The least and greatest value (and zero) that each channel of each activation of a network took
/// on some pictures: what int8's bytes must cover. Of one network and the same graph in any
/// precision.
struct ActivationRanges {
  std::vector<std::vector<std::array<float, 2>>> ranges;  // empty for what is no activation

  void widen(const ActivationRanges& other);
};

/// A TorchScript network compiled for the CPU: convolutions with what follows them (BatchNorm, an
/// activation, an addition) and whole inverted residuals run as one step each on kernels of our
/// own; any other operator runs as libtorch's. Shares nothing with the module it was made of.
class CompiledNetwork {
 public:
  /// `why_not` is set and nothing returned when the graph has control flow, is not traced to
  /// tensors, holds no convolution that the kernels know, the processor lacks the precision, or
  /// `ranges`, which int8 needs, are of another network.
  static std::unique_ptr<CompiledNetwork> compile(const torch::jit::Module& module,
                                                  Precision precision, std::string& why_not,
                                                  const ActivationRanges& ranges = {});
  ~CompiledNetwork();

  /// pixels [N, H, W, 3] uint8 RGB, contiguous; (pixel / 255 - mean) / std is what the network
  /// sees. Returns what forward() of the module does, flattened: float32, 4-D ones channels-last.
  /// `ranges`, when given, is widened (empty at first) by the activations on these pixels.
  /// Thread-safe; computes on the calling thread.
  std::vector<torch::Tensor> forward(const torch::Tensor& pixels, const std::array<float, 3>& mean,
                                     const std::array<float, 3>& std,
                                     ActivationRanges* ranges = nullptr) const;

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
