#pragma once

#include <array>
#include <variant>
#include <vector>

#include "plan.h"
#include "preannotate/engine/network.h"
#include "quantization.h"
#include "steps.h"

namespace preannotate::engine {

struct PackedStep {
  PackedConvolution convolution;
  int input, residual, output;
};

struct PackedBlock {
  Block block;
  int input, residual, output;
};

using ReadyStep = std::variant<PackedStep, PackedBlock, MeanStep, LibtorchStep>;

/// One forward pass over the steps of a network. An activation is ours until an operator of
/// libtorch reads it. c10::Error for shapes that do not fit together.
class Pass {
 public:
  /// scales: in int8 of each value, then of each step's middle; else empty. seen: null, or of as
  /// many entries, widened by the activations.
  Pass(const KernelSet& kernels, const Plan& plan, const std::vector<Scales>& scales,
       BufferPool& pool, ActivationRanges* seen);

  /// pixels [N, H, W, 3] uint8 become the value as (pixel / 255 - mean) / std, at the step that
  /// reads them. They must outlive the pass.
  void set_pixels(int value, const torch::Tensor& pixels, const std::array<float, 3>& mean,
                  const std::array<float, 3>& std);
  /// number: the step's position in the plan.
  void run(const PackedStep& step, size_t number);
  void run(const PackedBlock& step, size_t number);
  void run(const MeanStep& step, size_t number);
  void run(const LibtorchStep& step, size_t number);

  /// As a value of libtorch, which it stays: an operator may write into it.
  c10::IValue value(int number);
  /// Nobody reads it again.
  void release(int number, bool with_value = true);

 private:
  class Input;
  /// What a value is while a pass runs: an activation of ours or anything of libtorch's.
  struct Slot {
    ImageBatch batch;  // when batch.data or batch.bytes
    Buffer memory;
    c10::IValue value;
  };

  void read_bytes(int number);
  Slot& slot(int number) { return slots_[static_cast<size_t>(number)]; }
  void look_at(int number, const ImageBatch& batch) const;
  Buffer memory_for(const ImageBatch& batch) const;
  Quantization values_of(int number, std::int64_t channels) const;
  const ImageBatch& allocate(int number, std::int64_t images, std::int64_t height,
                             std::int64_t width, std::int64_t channels, std::int64_t stride = 0);
  torch::Tensor tensor_of(const ImageBatch& batch) const;
  ImageBatch batch_of(const torch::Tensor& tensor, int number, Buffer& memory) const;

  const Workplace at_;
  const std::vector<Scales>& scales_;
  ActivationRanges* const seen_;
  std::vector<Slot> slots_;
  Pixels pixels_;
};

}  // namespace preannotate::engine
