#pragma once

#include <torch/types.h>

#include <memory>

namespace preannotate {

/// What a PackedLayer is made of; float32 on the CPU.
struct LayerWeights {
  torch::Tensor depthwise;      // [k * k, in], k odd, `in` a multiple of 16; undefined: none
  torch::Tensor pointwise;      // [out, in], `out` a multiple of 16
  torch::Tensor scale, offset;  // [out]: of a BatchNorm, folded
};

/// One layer of a detection head for inference: silu(scale * (pointwise d) + offset), d being x or
/// its depthwise correlation, cells outside the image zero. One step of the engine in fp32: what
/// lies between the two convolutions stays in the processor's cache, and nothing else is written.
class PackedLayer {
 public:
  /// c10::ValueError for weights of other shapes.
  explicit PackedLayer(const LayerWeights& weights);
  ~PackedLayer();
  PackedLayer(PackedLayer&&) noexcept;

  /// x [N, H, W, in] float32, contiguous, on the CPU -> [N, H, W, out] float32, contiguous. No
  /// gradients. An image's result does not depend, to the last bit, on the others. Thread-safe;
  /// computes on the calling thread. c10::ValueError for another x.
  torch::Tensor forward(const torch::Tensor& x) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace preannotate
