#pragma once

#include <torch/script.h>

#include <array>
#include <string>

#include "preannotate/engine/precision.h"
#include "preannotate/model/backbone.h"

namespace preannotate {

/// A backbone's network as a device runs it: frozen, BatchNorm folded into the convolutions,
/// weights and activations channels-last in fp32 or bf16. Thread-safe.
class DeviceNetwork {
 public:
  /// A copy of `module`, which stays as it is. precision: kFp32 or kBf16.
  DeviceNetwork(const torch::jit::Module& module, const BackboneInfo& info, c10::Device device,
                Precision precision);

  c10::Device device() const { return device_; }
  Precision precision() const { return precision_; }
  torch::ScalarType dtype() const {
    return precision_ == Precision::kBf16 ? torch::kBFloat16 : torch::kFloat32;
  }
  const BackboneInfo& info() const { return info_; }

  /// values [N, H, W, 3] of dtype() on device(), normalised as info() says -> what forward() gives.
  torch::jit::IValue outputs(const torch::Tensor& values) const;
  /// As the features of Backbone::features(), [N, D] float32 on device().
  torch::Tensor features(const torch::Tensor& values) const;

 private:
  const BackboneInfo info_;
  const c10::Device device_;
  const Precision precision_;
  mutable torch::jit::Module frozen_;  // forward() is not const
};

}  // namespace preannotate
