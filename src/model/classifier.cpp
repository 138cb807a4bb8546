#include "preannotate/model/classifier.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <future>
#include <limits>
#include <utility>

#include "head_check.h"
#include "head_objective.h"
#include "preannotate/core/error.h"
#include "row_span.h"

namespace preannotate {
namespace {

// The best penalty for 5 images a class on the features of ImageNet networks lay in 0.03-0.15.
constexpr double kUnvalidatedLambda = 0.1;
constexpr double kTie = 1e-4;
// Leaves out-of-fold log-loss within 1e-3; the final fit has the caller's tolerance.
constexpr double kPathTolerance = 1e-3, kPathDecrease = 1e-6;

std::vector<double> strongest_first(std::vector<double> lambdas) {
  if (lambdas.empty()) {
    constexpr int kCount = 24;
    for (int i = 0; i < kCount; ++i) lambdas.push_back(std::pow(10.0, 1 - 5.0 * i / (kCount - 1)));
  }
  std::sort(lambdas.begin(), lambdas.end(), std::greater<>());
  return lambdas;
}

bool is_rejected(const HeadData& data, size_t row) {
  return !data.rejected.empty() && data.rejected[row];
}

/// [N] 1 / number of views of the row's image, times the trust in its label.
std::vector<double> row_weights(const HeadData& data) {
  std::vector<double> views(1 + *std::max_element(data.group.begin(), data.group.end()), 0.0);
  for (int g : data.group) ++views[g];
  std::vector<double> weight;
  for (int g : data.group) weight.push_back(1 / views[g]);
  for (size_t row = 0; row < data.trust.size(); ++row) weight[row] *= data.trust[row];
  return weight;
}

/// Multiplies class weights in where class counts differ by more than `balance_above`.
bool balance(const HeadData& data, double balance_above, std::vector<double>& weight) {
  if (data.link != Link::kSoftmax) return false;
  const auto* target = data.targets.const_data_ptr<std::int64_t>();
  std::vector<double> count(data.classes, 0.0);
  for (size_t i = 0; i < weight.size(); ++i) {
    if (!is_rejected(data, i)) count[target[i]] += weight[i];
  }
  double most = 0, least = std::numeric_limits<double>::infinity(), all = 0, classes = 0;
  for (double n : count) {
    most = std::max(most, n);
    if (n > 0) least = std::min(least, n);
    all += n;
    classes += n > 0;
  }
  if (most <= balance_above * least) return false;
  // What an image is not counts as much as an image of a class of the mean size.
  for (size_t i = 0; i < weight.size(); ++i) {
    weight[i] /= is_rejected(data, i) ? all / classes : count[target[i]];
  }
  return true;
}

/// Sets head.mean and head.scale; returns x' [N, D].
torch::Tensor standardise(const HeadData& data, const std::vector<double>& weight,
                          LinearHead& head) {
  const auto d = data.features.size(1);
  auto w = torch::tensor(weight, torch::kFloat32);
  w /= w.sum();
  head.mean = torch::mv(data.features.t(), w);
  auto x = data.features - head.mean;
  const auto variance = torch::mv(x.square().t(), w);  // [D]
  // A constant's variance is what rounding its mean leaves.
  const auto varies = variance > (1e-6 * head.mean.abs()).square();
  head.scale = torch::zeros({d}, torch::kFloat32);
  const auto blocks = data.blocks.empty() ? std::vector<std::int64_t>{d} : data.blocks;
  std::int64_t begin = 0;
  for (std::int64_t width : blocks) {
    const auto block_varies = varies.narrow(0, begin, width);
    const auto mean_variance =
        variance.narrow(0, begin, width).masked_select(block_varies).mean().item<double>();
    if (mean_variance > 0) {  // NaN where nothing varies
      head.scale.narrow(0, begin, width).masked_fill_(block_varies, 1 / std::sqrt(mean_variance));
    }
    begin += width;
  }
  return x.mul_(head.scale);
}

/// The problem in its principal axes, and which rows train and validate in each fold.
class Problem {
 public:
  Problem(const HeadData& data, const std::vector<double>& weight, const torch::Tensor& x)
      : data_(data), weight_(weight), span_(row_span(x)) {
    x_ = torch::cat({span_.rows, torch::ones({x.size(0), 1}, torch::kFloat32)}, 1);
  }

  std::int64_t columns() const { return x_.size(1); }
  const torch::Tensor& energy() const { return span_.energy; }

  HeadObjective objective(const std::vector<std::int64_t>& rows) const {
    const auto index = torch::tensor(rows, torch::kInt64);
    std::vector<double> weight;
    for (auto row : rows) weight.push_back(weight_[row]);
    std::vector<bool> rejected;
    if (!data_.rejected.empty()) {
      for (auto row : rows) rejected.push_back(data_.rejected[row]);
    }
    return HeadObjective(x_.index_select(0, index), data_.targets.index_select(0, index),
                         std::move(weight), data_.classes, data_.link, std::move(rejected));
  }

  /// Carries a head to x' = (x - mean) * scale: its logits stay, but where x' is constant. What of
  /// its weights lies outside the rows' span touches no loss, and the penalty keeps it as it is.
  void set_prior(const LinearHead& prior, const LinearHead& scaling) {
    const auto on_raw = prior.weight * prior.scale;  // [C0, D]
    const auto varies = scaling.scale > 0;
    const auto carried = torch::where(varies, on_raw / scaling.scale, torch::zeros_like(on_raw));
    const auto bias = prior.bias + torch::mv(on_raw, scaling.mean - prior.mean);
    const auto old_classes = prior.weight.size(0);
    const auto inside = torch::mm(carried, span_.basis.t());  // [C0, R]
    outside_ = torch::zeros({data_.classes, carried.size(1)});
    outside_.narrow(0, 0, old_classes).copy_(carried - torch::mm(inside, span_.basis));
    auto parameters = torch::zeros({data_.classes, columns()});
    parameters.narrow(0, 0, old_classes).copy_(torch::cat({inside, bias.unsqueeze(1)}, 1));
    prior_.clear();
    const float* values = parameters.const_data_ptr<float>();
    prior_.assign(values, values + parameters.numel());
  }
  /// In the layout of HeadObjective's parameters; empty without one.
  const std::vector<double>& prior() const { return prior_; }

  /// [rows, C] float32
  torch::Tensor logits(const std::vector<std::int64_t>& rows,
                       const std::vector<double>& parameters) const {
    return torch::mm(x_.index_select(0, torch::tensor(rows, torch::kInt64)),
                     as_tensor(parameters).t());
  }

  /// Weights on x' and biases.
  void to_head(const std::vector<double>& parameters, LinearHead& head) const {
    const auto p = as_tensor(parameters);
    head.weight = torch::mm(p.narrow(1, 0, columns() - 1), span_.basis);
    if (outside_.defined()) head.weight += outside_;
    head.bias = p.select(1, columns() - 1).contiguous();
  }

 private:
  torch::Tensor as_tensor(const std::vector<double>& parameters) const {
    return torch::tensor(parameters, torch::kFloat32).view({data_.classes, columns()});
  }

  const HeadData& data_;
  const std::vector<double>& weight_;
  RowSpan span_;
  torch::Tensor x_;        // [N, R + 1], the last column ones
  torch::Tensor outside_;  // [C, D] of a prior
  std::vector<double> prior_;
};

void check_finite(const LbfgsResult& result, double lambda) {
  if (std::isfinite(result.value)) return;
  throw UserError(kDiverged, "training diverged: the loss of the head with penalty ", lambda,
                  " is not finite");
}

/// What the folds say, by group; NaN where a group is in none.
struct OutOfFold {
  torch::Tensor logits;  // [L, G, C] float32, of each group's plain row
  torch::Tensor prior;   // [G, C] by a prior without the fold; not defined without a prior
};

/// The rows of a fold.
struct FoldRows {
  std::vector<std::int64_t> train, known;      // known: those of `train` that the prior knows
  std::vector<std::int64_t> validate, groups;  // plain rows, and the group of each
  bool holds_known = false;                    // among `validate`
};

FoldRows rows_of(const HeadData& data, const std::vector<int>& fold_of_group, int fold,
                 const HeadOptions& options) {
  FoldRows rows;
  const auto is_known = [&](int group) { return options.prior && options.prior->known[group]; };
  for (size_t row = 0; row < data.group.size(); ++row) {
    const int group = data.group[row];
    if (fold_of_group[group] != fold) {
      rows.train.push_back(row);
      if (is_known(group)) rows.known.push_back(row);
    } else if (data.plain[row]) {
      rows.validate.push_back(row);
      rows.groups.push_back(group);
      rows.holds_known |= is_known(group);
    }
  }
  return rows;
}

/// The prior as it would be without the fold: weights of the classes that the known rows have, and
/// biases.
std::vector<double> prior_without(const Problem& problem, const HeadData& data,
                                  const FoldRows& rows, const HeadOptions& options,
                                  const LbfgsOptions& lbfgs) {
  if (!rows.holds_known) return problem.prior();
  std::vector<double> prior(problem.prior().size(), 0.0);
  if (rows.known.empty()) return prior;
  const double lambda =
      options.prior->head.lambda > 0 ? options.prior->head.lambda : kUnvalidatedLambda;
  auto objective = problem.objective(rows.known);
  check_finite(minimize_head(objective, lambda, problem.energy(), lbfgs, prior), lambda);
  const auto known = torch::tensor(rows.known, torch::kInt64);
  const auto targets = data.targets.index_select(0, known);
  const auto columns = problem.columns();
  for (std::int64_t c = 0; c < data.classes; ++c) {
    const bool seen = data.link == Link::kSoftmax ? (targets == c).any().item<bool>()
                                                  : (targets.select(1, c) > 0).any().item<bool>();
    if (!seen) std::fill_n(prior.begin() + c * columns, columns - 1, 0.0);
  }
  return prior;
}

/// Fits one fold along the path and writes its validation rows' logits.
void run_fold(const Problem& problem, const HeadData& data, const std::vector<int>& fold_of_group,
              int fold, const std::vector<double>& lambdas, const HeadOptions& options,
              OutOfFold& found) {
  const FoldRows rows = rows_of(data, fold_of_group, fold, options);
  if (rows.train.empty() || rows.validate.empty()) return;

  auto objective = problem.objective(rows.train);
  std::vector<double> parameters(objective.size(), 0.0);
  LbfgsOptions lbfgs;
  lbfgs.max_iterations = options.max_iterations;
  lbfgs.gradient_tolerance = kPathTolerance;
  lbfgs.relative_decrease = kPathDecrease;
  const auto index = torch::tensor(rows.groups, torch::kInt64);
  if (options.prior) {
    parameters = prior_without(problem, data, rows, options, lbfgs);
    objective.set_prior(parameters);
    if (rows.holds_known) {
      found.prior.index_copy_(0, index, problem.logits(rows.validate, parameters));
    }
  }
  for (size_t i = 0; i < lambdas.size(); ++i) {
    check_finite(minimize_head(objective, lambdas[i], problem.energy(), lbfgs, parameters),
                 lambdas[i]);
    found.logits[static_cast<std::int64_t>(i)].index_copy_(
        0, index, problem.logits(rows.validate, parameters));
  }
}

OutOfFold nothing_yet(const HeadData& data, size_t lambdas, size_t groups, bool prior) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  OutOfFold found;
  const auto rows = static_cast<std::int64_t>(groups);
  found.logits = torch::full({static_cast<std::int64_t>(lambdas), rows, data.classes}, kNan);
  if (prior) found.prior = torch::full({rows, data.classes}, kNan);
  return found;
}

/// Folds run on threads of their own, each with one thread inside libtorch.
OutOfFold run_folds(const Problem& problem, const HeadData& data,
                    const std::vector<int>& fold_of_group, const std::vector<double>& lambdas,
                    const HeadOptions& options) {
  const int folds = 1 + *std::max_element(fold_of_group.begin(), fold_of_group.end());
  OutOfFold found =
      nothing_yet(data, lambdas.size(), fold_of_group.size(), options.prior.has_value());
  std::atomic<int> next{0};
  const auto work = [&] {
    const torch::NoGradGuard no_grad;
    at::set_num_threads(1);
    for (int fold = next++; fold < folds; fold = next++) {
      run_fold(problem, data, fold_of_group, fold, lambdas, options, found);
    }
  };
  const int outer_threads = at::get_num_threads();
  std::vector<std::future<void>> workers;
  for (int i = 0; i < std::clamp(options.threads, 1, folds); ++i) {
    workers.push_back(std::async(std::launch::async, work));
  }
  for (auto& worker : workers) worker.wait();
  at::set_num_threads(outer_threads);  // MKL's count is the process's
  for (auto& worker : workers) worker.get();
  if (options.prior) {
    const auto known = torch::tensor(
        std::vector<std::int64_t>(options.prior->known.begin(), options.prior->known.end()));
    found.prior.masked_fill_((known == 0).unsqueeze(1), std::numeric_limits<float>::quiet_NaN());
  }
  return found;
}

/// Scores one penalty on the groups that have out-of-fold logits.
PathPoint score(const HeadData& data, const torch::Tensor& logits, double lambda) {
  std::vector<std::int64_t> rows, groups;
  const auto validated = logits.select(1, 0).isnan().logical_not();
  const bool* is_validated = validated.const_data_ptr<bool>();
  for (size_t row = 0; row < data.group.size(); ++row) {
    if (!data.plain[row] || !is_validated[data.group[row]]) continue;
    rows.push_back(row);
    groups.push_back(data.group[row]);
  }
  const auto z = logits.index_select(0, torch::tensor(groups, torch::kInt64)).to(torch::kFloat64);
  const auto y = data.targets.index_select(0, torch::tensor(rows, torch::kInt64));
  torch::Tensor loss, right;  // [validated]
  if (data.link == Link::kSoftmax) {
    loss = torch::nll_loss(z.log_softmax(1), y, {}, at::Reduction::None);
    right = (z.argmax(1) == y).to(torch::kFloat64);
  } else {
    loss = torch::binary_cross_entropy_with_logits(z, y.to(torch::kFloat64), {}, {},
                                                   at::Reduction::None)
               .sum(1);
    right = ((z > 0) == (y > 0.5)).to(torch::kFloat64).mean(1);
  }
  const double n = static_cast<double>(rows.size());
  return {lambda, loss.mean().item<double>(), right.mean().item<double>(),
          n > 1 ? loss.std().item<double>() / std::sqrt(n) : 0.0};
}

/// The strongest penalty whose log-loss ties with the least.
size_t best_of(const std::vector<PathPoint>& path) {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& point : path) least = std::min(least, point.log_loss);
  size_t best = 0;
  while (path[best].log_loss > least + kTie) ++best;
  return best;
}

}  // namespace

torch::Tensor LinearHead::logits(const torch::Tensor& features) const {
  const auto device = features.device();
  const auto x = (features - mean.to(device)).mul_(scale.to(device));
  return torch::addmm(bias.to(device), x, weight.to(device).t());
}

HeadFit fit_head(const HeadData& data, const std::vector<int>& fold_of_group,
                 const HeadOptions& options) {
  check_head_data(data, fold_of_group, options);
  const torch::NoGradGuard no_grad;
  HeadFit fit;
  auto weight = row_weights(data);
  const auto x = standardise(data, weight, fit.head);
  fit.balanced = balance(data, options.balance_above, weight);
  Problem problem(data, weight, x);
  if (options.prior) problem.set_prior(options.prior->head, fit.head);

  const auto lambdas = strongest_first(options.lambdas);
  fit.out_of_fold =
      torch::full({1 + *std::max_element(data.group.begin(), data.group.end()), data.classes},
                  std::numeric_limits<float>::quiet_NaN());
  fit.head.lambda = options.lambdas.empty() ? kUnvalidatedLambda : lambdas.front();
  if (is_validated(data, fold_of_group)) {
    const OutOfFold found = run_folds(problem, data, fold_of_group, lambdas, options);
    for (size_t i = 0; i < lambdas.size(); ++i) {
      fit.path.push_back(score(data, found.logits[static_cast<std::int64_t>(i)], lambdas[i]));
    }
    const auto best = best_of(fit.path);
    fit.head.lambda = lambdas[best];
    fit.out_of_fold = found.logits[static_cast<std::int64_t>(best)].clone();
    fit.prior_out_of_fold = found.prior;
  }

  std::vector<std::int64_t> all(data.group.size());
  for (size_t row = 0; row < all.size(); ++row) all[row] = row;
  auto objective = problem.objective(all);
  std::vector<double> parameters(objective.size(), 0.0);
  if (options.prior) {
    parameters = problem.prior();
    objective.set_prior(parameters);
  }
  LbfgsOptions lbfgs;
  lbfgs.max_iterations = options.max_iterations;
  lbfgs.gradient_tolerance = options.tolerance;
  const auto result =
      minimize_head(objective, fit.head.lambda, problem.energy(), lbfgs, parameters);
  check_finite(result, fit.head.lambda);
  fit.iterations = result.iterations;
  problem.to_head(parameters, fit.head);
  return fit;
}

HeadData with_columns(const HeadData& data, std::int64_t begin, std::int64_t end) {
  TORCH_CHECK_VALUE(0 <= begin && begin < end && end <= data.features.size(1), "with_columns: [",
                    begin, ", ", end, ") of ", data.features.size(1));
  HeadData cut = data;
  cut.features = data.features.narrow(1, begin, end - begin).contiguous();
  cut.blocks.clear();
  std::int64_t block_begin = 0;
  for (std::int64_t width : data.blocks) {
    const auto overlap = std::min(end, block_begin + width) - std::max(begin, block_begin);
    if (overlap > 0) cut.blocks.push_back(overlap);
    block_begin += width;
  }
  return cut;
}

}  // namespace preannotate
