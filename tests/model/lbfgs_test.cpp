#include "preannotate/model/lbfgs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace preannotate {
namespace {

using Vector = std::vector<double>;

double rosenbrock(const Vector& x, Vector& gradient) {
  double value = 0;
  std::fill(gradient.begin(), gradient.end(), 0.0);
  for (size_t i = 0; i + 1 < x.size(); ++i) {
    const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    value += 100 * a * a + b * b;
    gradient[i] += -400 * a * x[i] - 2 * b;
    gradient[i + 1] += 200 * a;
  }
  return value;
}

TEST(Lbfgs, FindsTheMinimumOfAnIllConditionedQuadratic) {
  // sum_i c_i (x_i - i)^2 / 2, condition number 1e4
  const auto quadratic = [](const Vector& x, Vector& gradient) {
    double value = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double c = std::pow(10.0, 4.0 * i / (x.size() - 1)), off = x[i] - i;
      value += c * off * off / 2;
      gradient[i] = c * off;
    }
    return value;
  };
  Vector x(40, 0.0);
  LbfgsOptions options;
  options.relative_decrease = 0;
  const auto result = minimize_lbfgs(quadratic, x, options);
  EXPECT_TRUE(result.converged);
  EXPECT_LT(result.iterations, 800);  // SciPy's L-BFGS-B with as long a history: 617
  EXPECT_LT(result.value, 1e-9);
  for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], i, 2e-5);
}

TEST(Lbfgs, FollowsTheValleyOfRosenbrockToItsEnd) {
  for (size_t n : {2, 10}) {
    Vector x(n, 0.0);
    LbfgsOptions options;
    options.relative_decrease = 0;
    options.gradient_tolerance = 1e-8;
    const auto result = minimize_lbfgs(rosenbrock, x, options);
    EXPECT_TRUE(result.converged);
    EXPECT_LT(result.evaluations, 200);
    for (double value : x) EXPECT_NEAR(value, 1, 1e-3);
  }
}

TEST(Lbfgs, AFirstStepThatOverflowsIsShortened) {
  // 1e4 x - log(x), minimum at 1e-4; infinite where x <= 0
  const auto barrier = [](const Vector& x, Vector& gradient) {
    if (x[0] <= 0) return std::numeric_limits<double>::infinity();
    gradient[0] = 1e4 - 1 / x[0];
    return 1e4 * x[0] - std::log(x[0]);
  };
  Vector x{0.5};
  const auto result = minimize_lbfgs(barrier, x, {});
  EXPECT_TRUE(result.converged);
  EXPECT_NEAR(x[0], 1e-4, 1e-6);
}

TEST(Lbfgs, AStartAtTheMinimumNeedsNoIteration) {
  Vector x{1, 1, 1};
  const auto result = minimize_lbfgs(rosenbrock, x, {});
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(result.iterations, 0);
  EXPECT_EQ(result.evaluations, 1);
}

TEST(Lbfgs, StopsAtTheIterationLimitWithALowerValue) {
  Vector x{-1.2, 1}, gradient(2);
  const double start = rosenbrock(x, gradient);
  LbfgsOptions options;
  options.max_iterations = 3;
  const auto result = minimize_lbfgs(rosenbrock, x, options);
  EXPECT_FALSE(result.converged);
  EXPECT_EQ(result.iterations, 3);
  EXPECT_LT(result.value, start);
  EXPECT_DOUBLE_EQ(result.value, rosenbrock(x, gradient));
}

TEST(Lbfgs, AValueThatIsNotFiniteEndsIt) {
  const auto broken = [](const Vector&, Vector&) { return std::nan(""); };
  Vector x{1, 2};
  const auto result = minimize_lbfgs(broken, x, {});
  EXPECT_FALSE(result.converged);
  EXPECT_FALSE(std::isfinite(result.value));
}

}  // namespace
}  // namespace preannotate
