#include "preannotate/model/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <utility>

namespace preannotate {
namespace {

using Vector = std::vector<double>;
using Evaluate = std::function<double(const Vector&, Vector&)>;

// Nocedal & Wright's values for quasi-Newton directions.
constexpr double kSufficientDecrease = 1e-4, kCurvature = 0.9;
constexpr int kMaxLineSearchSteps = 25;

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double largest_entry(const Vector& a) {
  double largest = 0;
  for (double value : a) largest = std::max(largest, std::abs(value));
  return largest;
}

/// The last pairs of step and gradient change; gives -H g by the two-loop recursion.
class History {
 public:
  explicit History(int capacity) : capacity_(capacity) {}

  void clear() { pairs_.clear(); }
  bool empty() const { return pairs_.empty(); }

  void add(const Vector& x0, const Vector& x1, const Vector& g0, const Vector& g1) {
    Pair pair{Vector(x0.size()), Vector(x0.size()), 0};
    for (size_t i = 0; i < x0.size(); ++i) {
      pair.step[i] = x1[i] - x0[i];
      pair.change[i] = g1[i] - g0[i];
    }
    const double curvature = dot(pair.step, pair.change);
    // Rounding can make it vanish; such a pair would spoil the matrix.
    if (curvature <= 1e-14 * dot(pair.change, pair.change)) return;
    pair.inverse_curvature = 1 / curvature;
    pairs_.push_back(std::move(pair));
    if (static_cast<int>(pairs_.size()) > capacity_) pairs_.pop_front();
  }

  Vector direction(const Vector& gradient) const {
    Vector q(gradient.size());
    for (size_t i = 0; i < q.size(); ++i) q[i] = -gradient[i];
    if (pairs_.empty()) return q;
    std::vector<double> alpha(pairs_.size());
    for (size_t k = pairs_.size(); k-- > 0;) {
      alpha[k] = pairs_[k].inverse_curvature * dot(pairs_[k].step, q);
      add_scaled(q, -alpha[k], pairs_[k].change);
    }
    const Pair& last = pairs_.back();
    const double scale = 1 / (last.inverse_curvature * dot(last.change, last.change));
    for (double& value : q) value *= scale;
    for (size_t k = 0; k < pairs_.size(); ++k) {
      const double beta = pairs_[k].inverse_curvature * dot(pairs_[k].change, q);
      add_scaled(q, alpha[k] - beta, pairs_[k].step);
    }
    return q;
  }

 private:
  struct Pair {
    Vector step, change;
    double inverse_curvature;
  };

  static void add_scaled(Vector& to, double factor, const Vector& from) {
    for (size_t i = 0; i < to.size(); ++i) to[i] += factor * from[i];
  }

  int capacity_;
  std::deque<Pair> pairs_;
};

/// One try of the line search: phi(step) and its slope.
struct Trial {
  double step = 0, value = 0, slope = 0;
};

/// Where the cubic through two trials has its minimum, kept off their ends.
double between(const Trial& a, const Trial& b) {
  const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step);
  const double square = d1 * d1 - a.slope * b.slope;
  const double low = std::min(a.step, b.step), width = std::abs(a.step - b.step);
  double step = low + width / 2;
  if (square >= 0) {
    const double d2 = std::copysign(std::sqrt(square), b.step - a.step);
    const double cubic =
        b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
    if (std::isfinite(cubic)) step = cubic;
  }
  return std::clamp(step, low + 0.1 * width, low + 0.9 * width);
}

/// Strong Wolfe line search along one direction.
class LineSearch {
 public:
  LineSearch(const Evaluate& evaluate, const Vector& start, const Vector& direction, double value,
             double slope, int& evaluations)
      : evaluate_(evaluate),
        start_(start),
        direction_(direction),
        origin_{0, value, slope},
        evaluations_(evaluations),
        x(start.size()),
        gradient(start.size()) {}

  /// Algorithm 3.5: widens until a good step is bracketed. True when `x`, `gradient` and `value`
  /// hold a point lower than the start.
  bool run(double first_step) {
    Trial previous = origin_;
    double step = first_step, limit = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kMaxLineSearchSteps; ++i) {
      const Trial trial = at(step);
      if (!std::isfinite(trial.value)) {
        limit = step;
        step = (previous.step + limit) / 2;
        continue;
      }
      if (too_high(trial) || (previous.step > 0 && trial.value >= previous.value)) {
        return zoom(previous, trial);
      }
      if (flat_enough(trial)) return true;
      if (trial.slope >= 0) return zoom(trial, previous);
      previous = trial;
      step = std::min(2.5 * step, (step + limit) / 2);
    }
    if (previous.step > 0) at(previous.step);
    return value < origin_.value;
  }

 private:
  const Evaluate& evaluate_;
  const Vector& start_;
  const Vector& direction_;
  const Trial origin_;
  int& evaluations_;

 public:
  Vector x, gradient;
  double value = 0;

 private:
  Trial at(double step) {
    for (size_t i = 0; i < x.size(); ++i) x[i] = start_[i] + step * direction_[i];
    value = evaluate_(x, gradient);
    ++evaluations_;
    return {step, value, dot(gradient, direction_)};
  }

  bool too_high(const Trial& trial) const {
    return trial.value > origin_.value + kSufficientDecrease * trial.step * origin_.slope;
  }

  bool flat_enough(const Trial& trial) const {
    return std::abs(trial.slope) <= -kCurvature * origin_.slope;
  }

  /// Algorithm 3.6: `low` is the lower end of an interval that holds a good step.
  bool zoom(Trial low, Trial high) {
    for (int i = 0; i < kMaxLineSearchSteps; ++i) {
      const Trial trial = at(between(low, high));
      if (too_high(trial) || trial.value >= low.value) {
        high = trial;
      } else {
        if (flat_enough(trial)) return true;
        if (trial.slope * (high.step - low.step) >= 0) high = low;
        low = trial;
      }
      if (std::abs(high.step - low.step) <= 1e-12 * std::max(1.0, low.step)) break;
    }
    if (low.step == 0) return false;
    at(low.step);
    return value < origin_.value;
  }
};

}  // namespace

LbfgsResult minimize_lbfgs(const Evaluate& evaluate, Vector& x, const LbfgsOptions& options) {
  LbfgsResult result;
  Vector gradient(x.size());
  result.value = evaluate(x, gradient);
  result.evaluations = 1;
  History history(options.history);

  while (std::isfinite(result.value)) {
    if (largest_entry(gradient) <= options.gradient_tolerance) {
      result.converged = true;
      return result;
    }
    if (result.iterations == options.max_iterations) return result;

    Vector direction = history.direction(gradient);
    double slope = dot(direction, gradient);
    if (slope >= 0) {
      history.clear();
      direction = history.direction(gradient);
      slope = dot(direction, gradient);
    }
    const double first_step = history.empty() ? std::min(1.0, 1 / std::sqrt(-slope)) : 1;
    LineSearch search(evaluate, x, direction, result.value, slope, result.evaluations);
    if (!search.run(first_step)) {
      if (!std::isfinite(search.value)) break;
      if (history.empty()) return result;  // no descent even along the gradient: rounding
      history.clear();
      continue;
    }
    ++result.iterations;
    const double decrease = result.value - search.value;
    const double size = std::max({std::abs(result.value), std::abs(search.value), 1.0});
    history.add(x, search.x, gradient, search.gradient);
    x.swap(search.x);
    gradient.swap(search.gradient);
    result.value = search.value;
    if (decrease <= options.relative_decrease * size) {
      result.converged = true;
      return result;
    }
  }
  result.value = std::isfinite(result.value) ? std::nan("") : result.value;
  return result;
}

}  // namespace preannotate
