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
#include "unfrozen_stages.h"

namespace preannotate {

namespace {

torch::Tensor loss_of(const torch::Tensor& logits, const torch::Tensor& targets, Link link) {
  if (link == Link::kSoftmax) return torch::nll_loss(logits.log_softmax(1), targets);
  return torch::binary_cross_entropy_with_logits(logits, targets, {}, {}, at::Reduction::Mean) *
         targets.size(1);
}

}  // namespace

FineTuneResult fine_tune(const Backbone& backbone, const LinearHead& head, std::int64_t columns,
                         const torch::Tensor& targets, Link link, const PixelSource& pixels,
                         const FineTuneOptions& options,
                         const std::function<void(size_t)>& progress) {
  const auto stages = last_stages(backbone.info(), options.stages);
  auto module = trainable_module(backbone);
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
      move_weights(parameters, options.learning_rate * cosine, options.l2_sp);
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
  result.backbone_bytes = module_bytes(module, backbone);
  return result;
}

}  // namespace preannotate
