#include "unfrozen_stages.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "backbone_state.h"
#include "preannotate/core/error.h"

namespace preannotate {

/// Reaches into Backbone for the module with its parameters.
class FineTuner {
 public:
  static torch::jit::Module module_of(const Backbone& backbone) {
    // Read anew: a copied parameter that asks for gradients would be no leaf, and get none.
    auto module = load_module(backbone.bytes(), backbone.info().name, backbone.device(), nullptr);
    module.eval();  // BatchNorm keeps its statistics
    return module;
  }
  static const std::string& info_json(const Backbone& backbone) {
    return backbone.state_->info_json;
  }
};

namespace {

bool belongs_to(const std::string& parameter, const std::string& stage) {
  return parameter == stage || parameter.starts_with(stage + ".");
}

}  // namespace

torch::jit::Module trainable_module(const Backbone& backbone) {
  return FineTuner::module_of(backbone);
}

Trained trained(const torch::Tensor& value, double rate, size_t stage, bool is_head) {
  return {value, value.detach().clone(), torch::zeros_like(value), rate, stage, is_head};
}

std::vector<std::string> last_stages(const BackboneInfo& info, int count) {
  if (count < 1 || static_cast<size_t>(count) > info.stages.size()) {
    throw UserError(kUsageError, "--unfreeze ", count, ": backbone ", info.name, " has ",
                    info.stages.size(), " stages");
  }
  return {info.stages.end() - count, info.stages.end()};
}

std::vector<Trained> unfreeze(torch::jit::Module& module, const std::vector<std::string>& stages,
                              const std::string& name) {
  std::vector<Trained> parameters;
  for (const auto& parameter : module.named_parameters()) {
    const auto stage = std::find_if(stages.begin(), stages.end(), [&](const auto& prefix) {
      return belongs_to(parameter.name, prefix);
    });
    const bool trains = stage != stages.end() && parameter.value.is_floating_point();
    parameter.value.set_requires_grad(trains);
    if (trains) {
      parameters.push_back(
          trained(parameter.value, 1, static_cast<size_t>(stage - stages.begin()), false));
    }
  }
  if (parameters.empty()) {
    throw UserError(kBadModel, "backbone ", name,
                    " has no trainable parameters in its last stages (a frozen file?); export it "
                    "without freezing, or leave out --unfreeze");
  }
  return parameters;
}

/// theta <- theta - rate (momentum of gradient + l2_sp (theta - start))
void move_weights(std::vector<Trained>& parameters, double rate, double l2_sp) {
  torch::NoGradGuard no_gradients;
  for (auto& p : parameters) {
    auto gradient = p.value.grad();
    if (!gradient.defined()) continue;
    gradient.add_(p.value - p.start, l2_sp);
    p.momentum.mul_(0.9).add_(gradient);
    p.value.add_(p.momentum, -rate * p.rate);
    gradient.zero_();
  }
}

std::vector<StageChange> changes_of(const std::vector<Trained>& parameters,
                                    const std::vector<std::string>& stages) {
  std::vector<StageChange> changes;
  for (size_t stage = 0; stage < stages.size(); ++stage) {
    double moved = 0, size = 0;
    for (const auto& p : parameters) {
      if (p.is_head || p.stage != stage) continue;
      moved += (p.value.detach() - p.start).square().sum().item<double>();
      size += p.start.square().sum().item<double>();
    }
    changes.push_back({stages[stage], size > 0 ? std::sqrt(moved / size) : 0});
  }
  return changes;
}

std::string module_bytes(torch::jit::Module& module, const Backbone& backbone) {
  const std::string& info_json = FineTuner::info_json(backbone);
  for (const auto& parameter : module.named_parameters()) parameter.value.set_requires_grad(false);
  torch::jit::ExtraFilesMap extra;
  if (!info_json.empty()) extra["backbone.json"] = info_json;
  std::ostringstream bytes;
  module.save(bytes, extra);
  return bytes.str();
}

}  // namespace preannotate
