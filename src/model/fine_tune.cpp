#include "preannotate/model/fine_tune.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <sstream>

#include "backbone_state.h"
#include "preannotate/core/error.h"
#include "preannotate/core/random.h"

namespace preannotate {

namespace {

/// One trained tensor: where it started, its momentum, its share of the rate.
struct Trained {
  torch::Tensor value, start, momentum;
  double rate = 1;
  size_t stage = 0;  // index into the names; the head has none
  bool is_head = false;
};

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

bool belongs_to(const std::string& parameter, const std::string& stage) {
  return parameter == stage || parameter.starts_with(stage + ".");
}

/// Parameters of `stages` get gradients, all others none.
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

torch::Tensor loss_of(const torch::Tensor& logits, const torch::Tensor& targets, Link link) {
  if (link == Link::kSoftmax) return torch::nll_loss(logits.log_softmax(1), targets);
  return torch::binary_cross_entropy_with_logits(logits, targets, {}, {}, at::Reduction::Mean) *
         targets.size(1);
}

/// theta <- theta - rate (momentum of gradient + l2_sp (theta - start))
void step(std::vector<Trained>& parameters, double rate, double l2_sp) {
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

std::string module_bytes(torch::jit::Module& module, const std::string& info_json) {
  for (const auto& parameter : module.named_parameters()) parameter.value.set_requires_grad(false);
  torch::jit::ExtraFilesMap extra;
  if (!info_json.empty()) extra["backbone.json"] = info_json;
  std::ostringstream bytes;
  module.save(bytes, extra);
  return bytes.str();
}

}  // namespace

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

FineTuneResult fine_tune(const Backbone& backbone, const LinearHead& head, std::int64_t columns,
                         const torch::Tensor& targets, Link link, const PixelSource& pixels,
                         const FineTuneOptions& options,
                         const std::function<void(size_t)>& progress) {
  const auto stages = last_stages(backbone.info(), options.stages);
  auto module = FineTuner::module_of(backbone);
  auto parameters = unfreeze(module, stages, backbone.info().name);
  LinearHead tuned = head;
  tuned.weight = head.weight.clone().set_requires_grad(true);
  tuned.bias = head.bias.clone().set_requires_grad(true);
  parameters.push_back(trained(tuned.weight, 10, 0, true));
  parameters.push_back(trained(tuned.bias, 10, 0, true));
  // Plain interpretation: the profiling executor would specialise, and differentiate, anew for each
  // shape.
  const torch::jit::GraphOptimizerEnabledGuard plain(false);

  FineTuneResult result;
  Random random(options.seed);
  std::vector<size_t> order(static_cast<size_t>(targets.size(0)));
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t batch = static_cast<size_t>(options.batch);
  const size_t steps = options.epochs * ((order.size() + batch - 1) / batch);
  size_t done = 0;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    random.shuffle(order);
    double epoch_loss = 0;
    for (size_t begin = 0; begin < order.size(); begin += batch) {
      const std::vector<size_t> rows(order.begin() + begin,
                                     order.begin() + std::min(begin + batch, order.size()));
      const auto index = torch::tensor(std::vector<int64_t>(rows.begin(), rows.end()));
      const auto features =
          pooled_features(module.forward({pixels(rows, epoch)}), backbone.info().name)
              .slice(1, 0, columns);
      const auto loss = loss_of(tuned.logits(features), targets.index_select(0, index), link);
      const double value = loss.item<double>();
      if (!std::isfinite(value)) {
        throw UserError(kDiverged, "fine-tuning diverged in epoch ", epoch + 1,
                        ": the loss is not finite; leave out --unfreeze or unfreeze fewer stages");
      }
      loss.backward();
      const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * done / steps));
      step(parameters, options.learning_rate * cosine, options.l2_sp);
      epoch_loss += value * rows.size();
      ++done;
      if (progress) progress(rows.size());
    }
    result.epoch_loss.push_back(epoch_loss / order.size());
  }
  result.changes = changes_of(parameters, stages);
  result.head = head;
  result.head.weight = tuned.weight.detach();
  result.head.bias = tuned.bias.detach();
  result.backbone_bytes = module_bytes(module, FineTuner::info_json(backbone));
  return result;
}

}  // namespace preannotate
