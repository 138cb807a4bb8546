#include "device_network.h"

#include <ATen/Context.h>

#include "pooled_features.h"

namespace preannotate {

namespace {

/// Folded in float32, so that the weights are rounded once.
torch::jit::Module folded(const torch::jit::Module& module) {
  auto copy = module.deepcopy();
  copy.eval();
  for (auto parameter : copy.parameters()) parameter.set_requires_grad(false);
  return torch::jit::freeze(copy, std::nullopt, /*optimize_numerics=*/true);
}

/// The constants that freezing wrote into the graph, weights among them.
void convert_constants(torch::jit::Block* block, c10::Device device, torch::ScalarType dtype) {
  for (torch::jit::Node* node : block->nodes()) {
    for (torch::jit::Block* inner : node->blocks()) convert_constants(inner, device, dtype);
    if (node->kind() != c10::prim::Constant || !node->hasAttribute(c10::attr::value)) continue;
    if (node->kindOf(c10::attr::value) != torch::jit::AttributeKind::t) continue;
    auto tensor = node->t(c10::attr::value);
    tensor = tensor.is_floating_point() ? tensor.to(device, dtype) : tensor.to(device);
    if (tensor.dim() == 4) tensor = tensor.contiguous(at::MemoryFormat::ChannelsLast);
    node->t_(c10::attr::value, tensor);
    node->output()->inferTypeFrom(tensor);
  }
}

}  // namespace

DeviceNetwork::DeviceNetwork(const torch::jit::Module& module, const BackboneInfo& info,
                             c10::Device device, Precision precision)
    : info_(info), device_(device), precision_(precision), frozen_(folded(module)) {
  if (device.is_cuda()) at::globalContext().setAllowTF32CuDNN(false);  // fp32 is what it says
  convert_constants(frozen_.get_method("forward").graph()->block(), device, dtype());
}

torch::jit::IValue DeviceNetwork::outputs(const torch::Tensor& values) const {
  torch::InferenceMode no_gradients;
  return frozen_.forward({values.permute({0, 3, 1, 2})});  // channels-last
}

torch::Tensor DeviceNetwork::features(const torch::Tensor& values) const {
  torch::InferenceMode no_gradients;
  return pooled_features(outputs(values), info_.name);
}

}  // namespace preannotate
