#include "preannotate/model/train_detector.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "detector_loss.h"
#include "preannotate/core/error.h"
#include "preannotate/core/random.h"

namespace preannotate {

namespace {

// Shares of the steps: rising rate; choice of cells by the prior alone to not at all.
constexpr double kWarmUp = 0.05;
constexpr double kPriorShare = 0.08;

/// Draws batches of views, each item once before any comes again.
class Batches {
 public:
  Batches(std::vector<size_t> items, int views_per_item, std::uint64_t seed)
      : items_(std::move(items)), views_(views_per_item), random_(seed) {}

  std::vector<std::int64_t> next(int size) {
    std::vector<std::int64_t> rows;
    while (static_cast<int>(rows.size()) < size) {
      if (position_ % items_.size() == 0) random_.shuffle(items_);
      const size_t item = items_[position_++ % items_.size()];
      const auto view = random_.below(static_cast<std::uint64_t>(views_));
      rows.push_back(static_cast<std::int64_t>(item) * views_ + static_cast<std::int64_t>(view));
    }
    return rows;
  }

 private:
  std::vector<size_t> items_;
  int views_;
  Random random_;
  size_t position_ = 0;
};

double rate_at(int step, const DetectorTraining& options) {
  const double warm = std::max(1.0, kWarmUp * options.steps);
  if (step < warm) return options.learning_rate * (step + 1) / warm;
  const double done = (step - warm) / std::max(1.0, options.steps - warm);
  return options.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

/// AdamW over a fixed list of weights.
class AdamW {
 public:
  AdamW(std::vector<torch::Tensor> weights, const DetectorTraining& options)
      : weights_(std::move(weights)), options_(options) {
    for (const auto& weight : weights_) {
      first_.push_back(torch::zeros_like(weight));
      second_.push_back(torch::zeros_like(weight));
    }
  }

  void step(double rate) {
    torch::NoGradGuard no_gradients;
    ++count_;
    const double scale = clip_scale();
    const double first_share = 1 - std::pow(kFirst, count_);
    const double second_share = 1 - std::pow(kSecond, count_);
    for (size_t i = 0; i < weights_.size(); ++i) {
      auto gradient = weights_[i].grad();
      if (!gradient.defined()) continue;
      gradient.mul_(scale);
      first_[i].mul_(kFirst).add_(gradient, 1 - kFirst);
      second_[i].mul_(kSecond).addcmul_(gradient, gradient, 1 - kSecond);
      if (weights_[i].dim() > 1) weights_[i].mul_(1 - rate * options_.decay);
      const auto size = (second_[i] / second_share).sqrt_().add_(1e-8);
      weights_[i].addcdiv_(first_[i], size, -rate / first_share);
      gradient.zero_();
    }
  }

 private:
  static constexpr double kFirst = 0.9, kSecond = 0.999;

  double clip_scale() const {
    double squares = 0;
    for (const auto& weight : weights_) {
      if (weight.grad().defined()) squares += weight.grad().square().sum().item<double>();
    }
    return std::min(1.0, options_.clip / (std::sqrt(squares) + 1e-6));
  }

  std::vector<torch::Tensor> weights_, first_, second_;
  const DetectorTraining& options_;
  int count_ = 0;
};

/// average <- d average + (1 - d) current, with a smaller d at the start (as in TensorFlow's
/// ExponentialMovingAverage), so that the first weights do not linger.
void move_average(const Detector& average, const Detector& current, int step, double decay) {
  torch::NoGradGuard no_gradients;
  const double d = std::min(decay, (1.0 + step) / (10.0 + step));
  for (size_t i = 0; i < average.weights().size(); ++i) {
    average.weights()[i].second.mul_(d).add_(current.weights()[i].second, 1 - d);
  }
}

std::vector<Cell> cells_of(const Detector& detector, const DetectorData& data) {
  const auto points =
      cell_points(detector.shape().strides, data.frame_width, data.frame_height).contiguous();
  const auto* first = reinterpret_cast<const Cell*>(points.const_data_ptr<float>());
  return {first, first + points.size(0)};
}

std::vector<ViewTruth> truth_of(const DetectorData& data, const std::vector<std::int64_t>& rows) {
  std::vector<ViewTruth> truth;
  for (const auto row : rows) truth.push_back(data.truth[static_cast<size_t>(row)]);
  return truth;
}

}  // namespace

Detector train_detector(
    const Detector& start, const DetectorData& data, const std::vector<size_t>& items,
    const DetectorTraining& options,
    const std::function<bool(const DetectorProgress&, const Detector& averaged)>& report) {
  TORCH_CHECK_VALUE(!items.empty(), "train_detector: no items to train on");
  const Detector detector = start.copy();
  const Detector average = start.copy();
  for (const auto& [name, weight] : average.weights()) weight.requires_grad_(false);
  const auto cells = cells_of(detector, data);
  const size_t without_map = detector.shape().strides.size() - data.maps->levels().size();
  Batches batches(items, data.views_per_item, options.seed);
  AdamW optimiser(detector.trained(), options);
  DetectorLossOptions loss_options;
  double loss_sum = 0;
  int loss_count = 0, next_check = 1;
  for (int step = 0; step < options.steps; ++step) {
    const auto rows = batches.next(options.batch);
    loss_options.assignment.prior = std::max(0.0, 1 - step / (kPriorShare * options.steps));
    auto maps = data.maps->gather(rows);
    maps.insert(maps.begin(), without_map, torch::Tensor());
    const auto predictions = detector.forward(maps, true);
    const auto loss = detector_loss(predictions, cells, truth_of(data, rows), loss_options);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) {
      throw UserError(kDiverged, "training diverged: the loss is ", value, " at step ", step + 1,
                      " of ", options.steps, "; no run was written");
    }
    loss.backward();
    optimiser.step(rate_at(step, options));
    move_average(average, detector, step, options.average);
    loss_sum += value;
    ++loss_count;
    const int done = step + 1;
    const bool check = done * options.checks >= next_check * options.steps;
    if (!check && done % 10 != 0) continue;
    if (check) ++next_check;
    if (!report({done, loss_sum / loss_count, check}, average)) break;
    loss_sum = 0;
    loss_count = 0;
  }
  for (const auto& [name, weight] : average.weights()) {
    if (weight.isfinite().all().item<bool>()) continue;
    throw UserError(kDiverged, "training diverged: the weights '", name,
                    "' are not finite at the end; no run was written");
  }
  return average;
}

}  // namespace preannotate
