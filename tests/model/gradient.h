#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "model/head_objective.h"

namespace preannotate::testing_support {

/// Holds the gradient against central differences.
inline void expect_gradient(HeadObjective& objective, const std::vector<double>& at,
                            double tolerance) {
  std::vector<double> gradient(at.size()), unused(at.size());
  objective.evaluate(at, gradient);
  for (size_t i = 0; i < at.size(); ++i) {
    auto above = at, below = at;
    above[i] += 0.01;
    below[i] -= 0.01;
    const double slope =
        (objective.evaluate(above, unused) - objective.evaluate(below, unused)) / 0.02;
    EXPECT_NEAR(gradient[i], slope, tolerance) << "parameter " << i;
  }
}

}  // namespace preannotate::testing_support
