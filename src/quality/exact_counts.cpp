#include "preannotate/quality/exact_counts.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace preannotate {
namespace {

double log_choose(long n, long k) {
  const auto log_factorial = [](long m) { return std::lgamma(static_cast<double>(m) + 1); };
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

/// P(X = k) + P(X = k - 1) + ..., each by its share of the one before; for k not above the mode, so
/// that the terms fall and the sum may end when they no longer count.
double hypergeometric_sum(long k, long total, long bad, long draws) {
  const double log_p =
      log_choose(bad, k) + log_choose(total - bad, draws - k) - log_choose(total, draws);
  const long least = std::max(0L, draws + bad - total);
  double term = std::exp(log_p), sum = term;
  for (long i = k; i > least && term > sum * 1e-17; --i) {
    const auto j = static_cast<double>(i);
    term *= j * (static_cast<double>(total - bad - draws) + j) /
            ((static_cast<double>(bad) - j + 1) * (static_cast<double>(draws) - j + 1));
    sum += term;
  }
  return sum;
}

/// Rounding must not decide where a probability is delta itself, as 1/20 is with 19 of 20 drawn.
bool above(double probability, double delta) {
  return probability > delta * (1 + 1e-9);
}

}  // namespace

double hypergeometric_cdf(long k, long total, long bad, long draws) {
  assert(0 <= bad && bad <= total && 0 <= draws && draws <= total);
  if (k < std::max(0L, draws + bad - total)) return 0;
  if (k >= std::min(bad, draws)) return 1;
  // Below the mean the small tail is summed, above it the other one, which counts the good ones.
  if (static_cast<double>(k) * static_cast<double>(total) <
      static_cast<double>(draws) * static_cast<double>(bad)) {
    return std::min(1.0, hypergeometric_sum(k, total, bad, draws));
  }
  return std::max(0.0, 1 - hypergeometric_sum(draws - k - 1, total, total - bad, draws));
}

long most_bad(long found, long draws, long total, double delta) {
  assert(0 <= found && found <= draws && draws <= total);
  // The probability is 1 when only those found are bad and falls with every further one.
  long low = found, high = total - draws + found;
  while (low < high) {
    const long middle = high - (high - low) / 2;
    if (above(hypergeometric_cdf(found, total, middle, draws), delta)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

long least_bad(long found, long draws, long total, double delta) {
  return total - most_bad(draws - found, draws, total, delta);  // the good ones are at most ...
}

Interval share_bad(long found, long draws, long total, double confidence) {
  if (total == 0) return {0, 0, 0};
  if (draws == 0) return {};
  const double delta = (1 - confidence) / 2;
  const auto share = [](long part, long whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  const double value = share(found, draws);
  // With all but a few drawn, the share of the draws is no share that the whole can have.
  return {value, std::min(value, share(least_bad(found, draws, total, delta), total)),
          std::max(value, share(most_bad(found, draws, total, delta), total))};
}

long allowed_bad(long total, double max_error) {
  const auto items = static_cast<double>(total);
  return static_cast<long>(std::floor(std::clamp(max_error * items * (1 + 1e-12), 0.0, items)));
}

long answers_needed(long total, double max_error, double delta, long found) {
  const long allowed = allowed_bad(total, max_error);
  if (found > allowed || found > total) return -1;
  if (allowed == total) return found;
  // What must be excluded is one bad item more than allowed; every draw makes it less likely that
  // no more than `found` of those have turned up.
  long low = found, high = total;
  while (low < high) {
    const long middle = low + (high - low) / 2;
    if (above(hypergeometric_cdf(found, total, allowed + 1, middle), delta)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace preannotate
