#pragma once

#include <cmath>
#include <cstdint>

#include "preannotate/core/host_device.h"

namespace preannotate::ops {

// exp() and log() of the C library and of CUDA differ in their last bits. These are the same
// everywhere, and in double far finer than the floats they end in.

/// e^x for x up to 0.
PREANNOTATE_HOST_DEVICE inline double exp_of(double x) {
  if (!(x >= -708.0)) return x < 0 ? 0.0 : x;  // x where it is NaN
  const double power = std::floor(x * 1.4426950408889634 + 0.5);
  const double rest = x - power * 0.6931471805599453;  // within 0.35
  double sum = 1;
  for (int i = 9; i > 0; --i) sum = 1 + sum * rest * (1.0 / i);  // Taylor, to 1e-11
  return std::ldexp(sum, static_cast<int>(power));
}

/// The natural logarithm of x from 1 on.
PREANNOTATE_HOST_DEVICE inline double log_of(double x) {
  int power = 0;
  double part = std::frexp(x, &power);  // 0.5 to 1
  if (part < 0.7071067811865476) {
    part *= 2;
    --power;
  }
  const double s = (part - 1) / (part + 1), square = s * s;  // within 0.172
  double sum = 0;
  for (int i = 19; i > 0; i -= 2) sum = sum * square + 1.0 / i;  // of artanh(s) / s, to 1e-16
  return power * 0.6931471805599453 + 2 * s * sum;
}

/// One image: softmax of its logits, the best classes, and how sure they are.
struct TopClassesOf {
  const float* logits;  // [images, classes]
  std::int64_t images, classes, k;
  double inverse_temperature;
  float* probabilities;   // [images, k]
  std::int64_t* indices;  // [images, k]
  float* margins;         // [images]
  float* entropies;       // [images]

  std::int64_t size() const { return images; }

  template <class Team>
  PREANNOTATE_HOST_DEVICE void operator()(const Team& team, std::int64_t image) const {
    const float* row = logits + image * classes;
    const Ranked best = next(team, row, {INFINITY, -1});
    const Sums sums = team.reduce(
        classes, Sums{}, [&](std::int64_t i) { return terms(row[i], best); },
        [](const Sums& a, const Sums& b) {
          return Sums{a.exps + b.exps, a.scaled + b.scaled};
        });

    Ranked ranked = best;
    double margin = 0;
    for (std::int64_t rank = 0; rank < classes && (rank < k || rank < 2); ++rank) {
      if (rank > 0) ranked = next(team, row, ranked);
      const double probability = terms(ranked.logit, best).exps / sums.exps;
      if (rank == 0) margin = probability;
      if (rank == 1) margin -= probability;
      if (rank < k && team.leads()) {
        probabilities[image * k + rank] = static_cast<float>(probability);
        indices[image * k + rank] = ranked.index;
      }
    }
    if (!team.leads()) return;
    margins[image] = static_cast<float>(margin);
    entropies[image] = static_cast<float>(log_of(sums.exps) - sums.scaled / sums.exps);
  }

 private:
  struct Ranked {
    float logit;
    std::int32_t index;

    /// The better logit first, equal ones by index.
    PREANNOTATE_HOST_DEVICE bool is_before(const Ranked& other) const {
      return logit > other.logit || (logit == other.logit && index < other.index);
    }
  };

  /// e^d and d e^d of a logit's distance d to the best one, or such terms summed.
  struct Sums {
    double exps = 0, scaled = 0;
  };

  PREANNOTATE_HOST_DEVICE Sums terms(float logit, const Ranked& best) const {
    const double distance = (double{logit} - double{best.logit}) * inverse_temperature;
    const double exp = exp_of(distance);
    return {exp, exp > 0 ? exp * distance : 0.0};
  }

  /// The first of those that come after `last`. NaN counts as the lowest logit.
  template <class Team>
  PREANNOTATE_HOST_DEVICE Ranked next(const Team& team, const float* row,
                                      const Ranked& last) const {
    const Ranked none{-INFINITY, static_cast<std::int32_t>(classes)};
    return team.reduce(
        classes, none,
        [&](std::int64_t i) {
          const float logit = row[i] == row[i] ? row[i] : -INFINITY;
          const Ranked ranked{logit, static_cast<std::int32_t>(i)};
          return last.is_before(ranked) ? ranked : none;
        },
        [](const Ranked& a, const Ranked& b) { return a.is_before(b) ? a : b; });
  }
};

}  // namespace preannotate::ops
