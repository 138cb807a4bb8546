#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace preannotate {

/// How labels relate to classes.
enum class Link {
  kSoftmax,  // one class an image: multinomial
  kSigmoid,  // any number of classes an image: binary per label
};

/// A linear layer on scaled features; everything the head needs at predict time.
struct LinearHead {
  torch::Tensor mean, scale;  // [D] float32: x' = (x - mean) * scale
  torch::Tensor weight;       // [C, D] float32, on x'
  torch::Tensor bias;         // [C] float32
  double lambda = 0;          // the penalty it was fitted with

  /// features [N, D] float32 -> logits [N, C] float32, on the device of `features`.
  torch::Tensor logits(const torch::Tensor& features) const;
};

/// Training set. Several rows may be views of one image: they share `group`, stay in one fold and
/// weigh 1 / views each.
struct HeadData {
  torch::Tensor features;            // [N, D] float32, CPU
  torch::Tensor targets;             // softmax: [N] int64 class; sigmoid: [N, C] float32 0/1
  std::vector<int> group;            // [N] image of the row, 0..G-1
  std::vector<bool> plain;           // [N] the row is the plain view: only those are validated on
  std::vector<std::int64_t> blocks;  // widths of column blocks scaled apart; empty: one block
  std::vector<double> trust;         // [N] weight of the row's label, (0, 1]; empty: 1 each
  /// [N] softmax: the row is anything but its target, with loss -log(1 - p), a complementary label
  /// (Ishida et al. 2017, 2019); its group is in no fold. Empty: none.
  std::vector<bool> rejected;
  int classes = 0;
  Link link = Link::kSoftmax;
};

/// A head of the same columns that was fitted before: the new one is pulled to it instead of to 0.
struct HeadPrior {
  LinearHead head;          // its classes are the first; the others are pulled to 0
  std::vector<bool> known;  // [G] it learned from these images
};

struct HeadOptions {
  std::vector<double> lambdas;  // penalties tried, > 0; empty: 24 from 10 to 1e-4, log-spaced
  double balance_above = 10;    // class weights when max/min class count exceeds this (softmax)
  int max_iterations = 1000;
  double tolerance = 1e-5;  // on the gradient's largest entry, final fit
  int threads = 2;
  std::optional<HeadPrior> prior;
};

/// Out-of-fold evidence for one penalty.
struct PathPoint {
  double lambda = 0, log_loss = 0, accuracy = 0;  // softmax: top-1; sigmoid: mean label accuracy
  double log_loss_error = 0;                      // standard error over images
};

struct HeadFit {
  LinearHead head;                  // fitted on all rows
  std::vector<PathPoint> path;      // strongest penalty first; empty without folds
  torch::Tensor out_of_fold;        // [G, C] float32 logits of each group's plain row at the chosen
                                    // lambda; NaN rows for groups with fold -1
  torch::Tensor prior_out_of_fold;  // [G, C] with a prior: what it says of the known groups when
                                    // it has not learned from their fold; NaN elsewhere
  bool balanced = false;            // class weights were used
  int iterations = 0;
};

/// Minimises
///   J = 1/sum(w) sum_i w_i loss(W x'_i + b, y_i) + lambda/2 ||W - W_0||^2    (bias unpenalised)
/// by L-BFGS (Liu & Nocedal 1989, history 10, strong Wolfe line search). loss is cross-entropy, or
/// the sum of binary cross-entropies over labels.
///
/// x' are the features less their mean, times one scale a block of columns that brings the block's
/// mean variance to 1; constant features get scale 0. One scale, not one a feature: on pooled
/// network features of few images it is far better (clothing, 5 a class: 67 % against 63 %),
/// because a feature's variance tells how much it matters. A few hundred scales estimated from as
/// many images also would have to be estimated in each fold; the mean goes into the bias.
///
/// It is solved in the principal axes of the rows' span (the optimum lies there), which changes
/// nothing but time.
///
/// fold_of_group[g] in [0, F) or -1 (always trains, is never validated on); empty or all -1: no
/// validation, lambda = the strongest of `lambdas`, or 0.1 where that is empty, under which the
/// head leans on the class means. Otherwise lambda is the one with the least out-of-fold log-loss
/// along a path warm-started from the strongest penalty, and on ties within 1e-4 the stronger.
///
/// W_0 is 0, or the prior's weights carried to x' (L2-SP, Li et al. 2018). Its known images would
/// make their own logits look better than those of new ones: in a fold that holds some of them W_0
/// is fitted anew, with the prior's penalty, on the known images outside.
///
/// Softmax classes are weighted by 1 / their number of images where balance_above says so; a label
/// of many (sigmoid) never is: it is rare by nature, and weights would inflate its probability.
///
/// Throws UserError(kDiverged) when a feature or the loss is not finite.
HeadFit fit_head(const HeadData& data, const std::vector<int>& fold_of_group,
                 const HeadOptions& options);

/// Columns [begin, end) only, blocks cut to match: how embedding and maps are compared on one
/// extraction.
HeadData with_columns(const HeadData& data, std::int64_t begin, std::int64_t end);

}  // namespace preannotate
