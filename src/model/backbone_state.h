#pragma once

#include <torch/script.h>

#include <mutex>

#include "pooled_features.h"
#include "preannotate/engine/network.h"
#include "preannotate/model/backbone.h"

namespace preannotate {

/// What Backbone and FineTuner share: the module as loaded, with its parameters, and what predicts:
/// the compiled network or, where there is none, a frozen copy.
struct Backbone::State {
  BackboneInfo info;
  FeatureLayout layout;
  std::vector<MapLevel> levels;
  int side = 0;
  c10::Device device = c10::kCPU;
  std::string bytes;
  std::string info_json;      // backbone.json of the file, or ""
  torch::jit::Module module;  // eval mode
  std::shared_ptr<const CompiledNetwork> compiled;
  ActivationRanges ranges;           // for int8
  ActivationRanges* seen = nullptr;  // of observing()
  std::shared_ptr<std::mutex> seen_mutex;
  mutable torch::jit::Module frozen;             // on the CPU when not compiled
  std::shared_ptr<const DeviceNetwork> network;  // on CUDA
  std::string engine;

  void prepare(Precision precision);
  void prepare_device(Precision precision);
  std::shared_ptr<const CompiledNetwork> compile(Precision precision, std::string& why_not);
  /// What forward() gives for pixels [N, H, W, 3] uint8.
  torch::jit::IValue outputs(const torch::Tensor& pixels) const;
};

/// The outputs of forward() that have spatial extent, [N, C, h, w], finest first.
std::vector<torch::Tensor> spatial_maps(const torch::jit::IValue& outputs);

/// Loads TorchScript from memory; extra_json receives backbone.json. Throws UserError(kBadModel).
torch::jit::Module load_module(const std::string& bytes, const std::filesystem::path& path,
                               c10::Device device, std::string* extra_json);

}  // namespace preannotate
