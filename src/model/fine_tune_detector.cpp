#include "preannotate/model/fine_tune_detector.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "backbone_state.h"
#include "detector_loss.h"
#include "preannotate/core/error.h"
#include "preannotate/model/detect.h"
#include "unfrozen_stages.h"

namespace preannotate {

namespace {

constexpr double kHeadRate = 5;  // the head moves faster than what it stands on

void clip(std::vector<Trained>& parameters, double largest) {
  double squares = 0;
  for (const auto& p : parameters) {
    if (p.value.grad().defined()) squares += p.value.grad().square().sum().item<double>();
  }
  const double scale = largest / (std::sqrt(squares) + 1e-6);
  if (scale >= 1) return;
  torch::NoGradGuard no_gradients;
  for (auto& p : parameters) {
    if (p.value.grad().defined()) p.value.mutable_grad().mul_(scale);
  }
}

std::vector<Cell> cells_of(const Detector& detector, const torch::Tensor& pixels) {
  const auto points = cell_points(detector.shape().strides, static_cast<int>(pixels.size(3)),
                                  static_cast<int>(pixels.size(2)))
                          .contiguous();
  const auto* first = reinterpret_cast<const Cell*>(points.const_data_ptr<float>());
  return {first, first + points.size(0)};
}

/// Maps with gradients, [N, H, W, C] as the head reads them.
std::vector<torch::Tensor> maps_with_gradients(torch::jit::Module& module, const Backbone& backbone,
                                               const DetectorShape& shape,
                                               const torch::Tensor& pixels) {
  std::vector<torch::Tensor> maps;
  for (const auto& map : spatial_maps(module.forward({pixels}))) {
    maps.push_back(map.permute({0, 2, 3, 1}).contiguous());
  }
  std::vector<int> strides;
  for (const auto& level : backbone.map_levels()) strides.push_back(level.stride);
  return maps_for(shape, strides, maps);
}

/// The backbone with those of its stages that the detector's maps depend on: what lies behind the
/// last map, as a layer that only the embedding passes, would learn nothing.
BackboneInfo stages_of_maps(const Backbone& backbone, const DetectorShape& shape,
                            const torch::Tensor& pixels) {
  BackboneInfo info = backbone.info();
  auto module = trainable_module(backbone);
  const auto parameters = unfreeze(module, info.stages, info.name);
  torch::Tensor sum;
  for (const auto& map : maps_with_gradients(module, backbone, shape, pixels)) {
    if (map.defined()) sum = sum.defined() ? sum + map.sum() : map.sum();
  }
  sum.backward();
  std::vector<std::string> used;
  for (size_t stage = 0; stage < info.stages.size(); ++stage) {
    const bool learns = std::any_of(parameters.begin(), parameters.end(), [&](const Trained& p) {
      return p.stage == stage && p.value.grad().defined();
    });
    if (learns) used.push_back(info.stages[stage]);
  }
  info.stages = std::move(used);
  return info;
}

}  // namespace

DetectorTuneResult fine_tune_detector(const Backbone& backbone, const Detector& detector,
                                      const std::function<FrameBatch(int step)>& next,
                                      const DetectorTuneOptions& options,
                                      const std::function<void(double loss)>& progress) {
  // Plain interpretation: the profiling executor would specialise, and differentiate, anew for each
  // shape.
  const torch::jit::GraphOptimizerEnabledGuard plain(false);
  FrameBatch batch = next(0);
  const auto stages = last_stages(
      stages_of_maps(backbone, detector.shape(), batch.pixels.slice(0, 0, 1)), options.stages);
  auto module = trainable_module(backbone);
  auto parameters = unfreeze(module, stages, backbone.info().name);
  const Detector tuned = detector.copy();
  for (const auto& weight : tuned.trained()) {
    parameters.push_back(trained(weight, kHeadRate, 0, true));
  }
  const DetectorLossOptions loss_options;
  const auto cells = cells_of(tuned, batch.pixels);
  for (int step = 0; step < options.steps; ++step) {
    if (step > 0) batch = next(step);
    const auto maps = maps_with_gradients(module, backbone, tuned.shape(), batch.pixels);
    // The head's BatchNorm is fixed too: few steps of small batches would only blur it.
    const auto loss = detector_loss(tuned.forward(maps, false), cells, batch.truth, loss_options);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) {
      throw UserError(kDiverged, "fine-tuning diverged at step ", step + 1,
                      ": the loss is not finite; leave out --unfreeze or unfreeze fewer stages");
    }
    loss.backward();
    clip(parameters, options.clip);
    const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * step / options.steps));
    move_weights(parameters, options.learning_rate * cosine, options.l2_sp);
    if (progress) progress(value);
  }
  for (const auto& weight : tuned.trained()) weight.requires_grad_(false);
  return {tuned, module_bytes(module, backbone), changes_of(parameters, stages)};
}

}  // namespace preannotate
