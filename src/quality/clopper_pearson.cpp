#include "clopper_pearson.h"

#include <algorithm>
#include <cmath>

namespace preannotate {
namespace {

/// The fraction itself; it converges fast for x < (a + 1) / (a + b + 2).
double continued_fraction(double x, double a, double b) {
  constexpr double kTiny = 1e-300;
  const auto not_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), value = d;
  for (int m = 1; m < 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double factor = 1;
    for (const double term : {even, odd}) {
      d = 1 / not_zero(1 + term * d);
      c = not_zero(1 + term / c);
      factor = c * d;
      value *= factor;
    }
    if (std::abs(factor - 1) < 1e-15) break;
  }
  return value;
}

/// The x with I_x(a, b) = share.
double beta_quantile(double share, double a, double b) {
  double low = 0, high = 1;
  for (int i = 0; i < 200 && high - low > 1e-15; ++i) {
    const double middle = (low + high) / 2;
    (beta_distribution(middle, a, b) < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double beta_distribution(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * continued_fraction(x, a, b) / a;
  return 1 - front * continued_fraction(1 - x, b, a) / b;
}

Interval clopper_pearson(double hits, double trials, double confidence) {
  if (trials <= 0) return {};
  const double tail = (1 - confidence) / 2;
  Interval interval{hits / trials, 0, 1};
  if (hits > 0) interval.low = beta_quantile(tail, hits, trials - hits + 1);
  if (hits < trials) interval.high = beta_quantile(1 - tail, hits + 1, trials - hits);
  return interval;
}

}  // namespace preannotate
