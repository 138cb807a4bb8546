#include "head_objective.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace preannotate {
namespace {

constexpr std::int64_t kRowsPerBlock = 4096;

/// log(1 + exp(z)) without overflow.
double softplus(double z) {
  return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
}

double sigmoid(double z) {
  const double e = std::exp(-std::abs(z));
  return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

}  // namespace

HeadObjective::HeadObjective(torch::Tensor x, torch::Tensor targets, std::vector<double> weight,
                             int classes, Link link, std::vector<bool> rejected)
    : x_(std::move(x)),
      targets_(targets.contiguous()),
      weight_(std::move(weight)),
      rejected_(std::move(rejected)),
      classes_(classes),
      columns_(x_.size(1)),
      link_(link),
      parameters_(torch::empty({classes_, columns_}, torch::kFloat32)),
      gradient_(torch::empty({classes_, columns_}, torch::kFloat32)),
      logits_(torch::empty({std::min(kRowsPerBlock, x_.size(0)), classes_}, torch::kFloat32)) {
  const double sum = std::accumulate(weight_.begin(), weight_.end(), 0.0);
  for (double& w : weight_) w /= sum;
  prior_.assign(static_cast<size_t>(size()), 0.0);
}

void HeadObjective::set_parameters(const std::vector<double>& parameters) {
  std::copy(parameters.begin(), parameters.end(), parameters_.mutable_data_ptr<float>());
}

void HeadObjective::softmax_rows(float* logits, std::int64_t begin, std::int64_t n,
                                 Sums& sums) const {
  const auto* target = targets_.const_data_ptr<std::int64_t>();
  std::vector<double> p(classes_);
  for (std::int64_t i = begin; i < begin + n; ++i, logits += classes_) {
    const double top = *std::max_element(logits, logits + classes_);
    double sum = 0;
    for (std::int64_t c = 0; c < classes_; ++c) sum += p[c] = std::exp(logits[c] - top);
    if (!rejected_.empty() && rejected_[i]) {
      rejected_row(p, sum, i, logits, sums);
      continue;
    }
    sums.loss += weight_[i] * (std::log(sum) + top - logits[target[i]]);
    for (std::int64_t c = 0; c < classes_; ++c) {
      p[c] /= sum;
      sums.curvature[c] += weight_[i] * p[c] * (1 - p[c]);
      logits[c] = static_cast<float>(weight_[i] * (p[c] - (c == target[i] ? 1 : 0)));
    }
  }
}

void HeadObjective::rejected_row(const std::vector<double>& p, double sum, std::int64_t row,
                                 float* logits, Sums& sums) const {
  const auto target = targets_.const_data_ptr<std::int64_t>()[row];
  const double rest = std::max(sum - p[target], std::numeric_limits<double>::min());
  sums.loss += weight_[row] * (std::log(sum) - std::log(rest));
  for (std::int64_t c = 0; c < classes_; ++c) {
    const double of_all = p[c] / sum, of_rest = c == target ? 0 : p[c] / rest;
    // The loss is not convex: only what curves upward counts.
    sums.curvature[c] +=
        weight_[row] * std::max(of_all * (1 - of_all) - of_rest * (1 - of_rest), 0.0);
    logits[c] = static_cast<float>(weight_[row] * (of_all - of_rest));
  }
}

void HeadObjective::sigmoid_rows(float* logits, std::int64_t begin, std::int64_t n,
                                 Sums& sums) const {
  const auto* target = targets_.const_data_ptr<float>() + begin * classes_;
  for (std::int64_t i = begin; i < begin + n; ++i, logits += classes_, target += classes_) {
    for (std::int64_t c = 0; c < classes_; ++c) {
      const double p = sigmoid(logits[c]);
      sums.loss += weight_[i] * (softplus(logits[c]) - target[c] * static_cast<double>(logits[c]));
      sums.curvature[c] += weight_[i] * p * (1 - p);
      logits[c] = static_cast<float>(weight_[i] * (p - target[c]));
    }
  }
}

HeadObjective::Sums HeadObjective::pass(bool forward_only) {
  Sums sums{0, std::vector<double>(classes_, 0.0)};
  gradient_.zero_();
  for (std::int64_t begin = 0; begin < x_.size(0); begin += kRowsPerBlock) {
    const auto n = std::min(kRowsPerBlock, x_.size(0) - begin);
    const auto rows = x_.narrow(0, begin, n);
    auto logits = logits_.narrow(0, 0, n);
    torch::mm_out(logits, rows, parameters_.t());
    auto* data = logits.mutable_data_ptr<float>();
    link_ == Link::kSoftmax ? softmax_rows(data, begin, n, sums)
                            : sigmoid_rows(data, begin, n, sums);
    if (!forward_only) gradient_.addmm_(logits.t(), rows);
  }
  return sums;
}

double HeadObjective::evaluate(const std::vector<double>& parameters,
                               std::vector<double>& gradient) {
  set_parameters(parameters);
  const Sums sums = pass(/*forward_only=*/false);
  const float* from_loss = gradient_.const_data_ptr<float>();
  double squares = 0;
  for (std::int64_t i = 0; i < size(); ++i) {
    const bool is_bias = i % columns_ == columns_ - 1;
    const double pulled = parameters[i] - prior_[i];
    gradient[i] = from_loss[i] + (is_bias ? 0 : lambda_ * pulled);
    if (!is_bias) squares += pulled * pulled;
  }
  return sums.loss + lambda_ / 2 * squares;
}

std::vector<double> HeadObjective::curvature(const std::vector<double>& parameters) {
  set_parameters(parameters);
  return pass(/*forward_only=*/true).curvature;
}

LbfgsResult minimize_head(HeadObjective& objective, double lambda, const torch::Tensor& energy,
                          const LbfgsOptions& options, std::vector<double>& parameters) {
  objective.set_lambda(lambda);
  // A class that is all but certain has almost no curvature now, but gets some as it moves.
  constexpr double kLeastCurvature = 1e-3;
  const auto curvature = objective.curvature(parameters);
  const double* square = energy.const_data_ptr<double>();
  const auto columns = energy.size(0) + 1;

  std::vector<double> unit(parameters.size());  // parameter = unit * what L-BFGS sees
  for (size_t c = 0; c < curvature.size(); ++c) {
    const double h = std::max(curvature[c], kLeastCurvature);
    for (std::int64_t j = 0; j < columns; ++j) {
      unit[c * columns + j] = 1 / std::sqrt(j + 1 < columns ? h * square[j] + lambda : h);
    }
  }

  std::vector<double> scaled(parameters.size());
  for (size_t i = 0; i < scaled.size(); ++i) scaled[i] = parameters[i] / unit[i];
  const auto evaluate = [&](const std::vector<double>& x, std::vector<double>& gradient) {
    for (size_t i = 0; i < x.size(); ++i) parameters[i] = x[i] * unit[i];
    const double value = objective.evaluate(parameters, gradient);
    for (size_t i = 0; i < x.size(); ++i) gradient[i] *= unit[i];
    return value;
  };
  const auto result = minimize_lbfgs(evaluate, scaled, options);
  for (size_t i = 0; i < scaled.size(); ++i) parameters[i] = scaled[i] * unit[i];
  return result;
}

}  // namespace preannotate
