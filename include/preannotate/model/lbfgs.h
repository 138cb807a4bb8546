#pragma once

#include <functional>
#include <vector>

namespace preannotate {

struct LbfgsOptions {
  int history = 10, max_iterations = 1000;
  double gradient_tolerance = 1e-5;  // on max |g|
  double relative_decrease = 1e-9;   // stop when (f0 - f1) / max(|f0|, |f1|, 1) falls below
};

struct LbfgsResult {
  double value = 0;
  int iterations = 0, evaluations = 0;
  bool converged = false;
};

/// Minimises a smooth convex function from `x` (changed in place). `evaluate(x, gradient)` returns
/// the value and fills the gradient, of x's size. Two-loop recursion, Nocedal & Wright, Numerical
/// Optimization, algorithms 7.4, 7.5, 3.5 and 3.6. A value that is not finite ends it:
/// converged = false and value not finite.
LbfgsResult minimize_lbfgs(
    const std::function<double(const std::vector<double>&, std::vector<double>&)>& evaluate,
    std::vector<double>& x, const LbfgsOptions& options);

}  // namespace preannotate
