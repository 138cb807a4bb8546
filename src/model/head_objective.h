#pragma once

#include <torch/types.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "preannotate/model/classifier.h"
#include "preannotate/model/lbfgs.h"

namespace preannotate {

/// The weighted mean loss of a linear layer plus its penalty:
///   J = 1/sum(w) sum_i w_i loss(W x_i + b, y_i) + lambda/2 ||W - W_0||^2
/// Products in float32, sums of losses and the penalty in float64.
class HeadObjective {
 public:
  /// x [N, R + 1] float32, its last column ones; targets and rejected as in HeadData; weight [N],
  /// positive.
  HeadObjective(torch::Tensor x, torch::Tensor targets, std::vector<double> weight, int classes,
                Link link, std::vector<bool> rejected = {});

  void set_lambda(double lambda) { lambda_ = lambda; }
  /// W_0 in the layout of `parameters`, whose biases mean nothing; 0 until it is set.
  void set_prior(std::vector<double> prior) { prior_ = std::move(prior); }

  /// Entries of `parameters`: [C, R + 1] row by row, the bias last in each row.
  std::int64_t size() const { return classes_ * columns_; }

  /// J, and its gradient in the layout of `parameters`.
  double evaluate(const std::vector<double>& parameters, std::vector<double>& gradient);

  /// [C] the weighted mean of p (1 - p): the loss's curvature in each class's logit.
  std::vector<double> curvature(const std::vector<double>& parameters);

 private:
  struct Sums {
    double loss = 0;
    std::vector<double> curvature;
  };

  void set_parameters(const std::vector<double>& parameters);
  /// Turns rows [begin, begin + n) of logits into the loss's derivative by them.
  void softmax_rows(float* logits, std::int64_t begin, std::int64_t n, Sums& sums) const;
  /// One row's exp(logit - top), which sum to `sum`, in p: anything but `target`.
  void rejected_row(const std::vector<double>& p, double sum, std::int64_t row, float* logits,
                    Sums& sums) const;
  void sigmoid_rows(float* logits, std::int64_t begin, std::int64_t n, Sums& sums) const;
  /// One pass over the rows in blocks; with `gradient_` filled unless `forward_only`.
  Sums pass(bool forward_only);

  torch::Tensor x_, targets_;
  std::vector<double> weight_;  // sums to 1
  std::vector<bool> rejected_;
  std::vector<double> prior_;
  std::int64_t classes_, columns_;
  Link link_;
  double lambda_ = 0;
  torch::Tensor parameters_, gradient_;  // [C, R + 1] float32
  torch::Tensor logits_;                 // [rows of a block, C] float32
};

/// Minimises `objective` for one penalty from `parameters`, changed in place. `energy` [R] float64
/// is the mean square of each column of x, which should be uncorrelated: its product with the
/// loss's curvature approximates the Hessian's diagonal, and L-BFGS runs on parameters scaled by
/// that.
LbfgsResult minimize_head(HeadObjective& objective, double lambda, const torch::Tensor& energy,
                          const LbfgsOptions& options, std::vector<double>& parameters);

}  // namespace preannotate
