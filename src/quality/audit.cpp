#include "preannotate/quality/audit.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "preannotate/quality/exact_counts.h"

namespace preannotate {
namespace {

/// ln n (n - 1) ... (n - k + 1)
double log_falling(long n, long k) {
  return std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(n - k) + 1);
}

double log_beta(double a, double b) {
  return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
}

/// The first count in [low, high] for which `is` holds, which it does from there on; high when for
/// no smaller one.
template <class Condition>
long first(long low, long high, const Condition& is) {
  while (low < high) {
    const long middle = low + (high - low) / 2;
    if (is(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

// A prior with tolerance 0 would know the answer; one label of all is the least share there is.
SequentialAudit::SequentialAudit(long total, double tolerance, double alpha)
    : total_(total),
      allowed_(allowed_bad(total, tolerance)),
      prior_good_(1 / std::max(tolerance, 1 / std::max(1.0, static_cast<double>(total)))),
      log_alpha_(std::log(alpha)) {}

void SequentialAudit::add(bool bad) {
  assert(drawn_ < total_);
  ++drawn_;
  found_ += bad;
}

// The ratio of prior to posterior of a count is that of the draws' mean probability over the prior
// to their probability when the count is true; at 1/alpha the count is excluded. For draws in a
// given order these are B(1 + k, b + t - k) / B(1, b) and K..(K-k+1) (N-K)..(N-K-t+k+1) /
// N..(N-t+1).
bool SequentialAudit::excluded(long bad) const {
  const long good = total_ - bad, found_good = drawn_ - found_;
  if (bad < found_ || good < found_good) return true;
  const double log_mean =
      log_beta(1 + static_cast<double>(found_), prior_good_ + static_cast<double>(found_good)) -
      log_beta(1, prior_good_);
  const double log_likelihood =
      log_falling(bad, found_) + log_falling(good, found_good) - log_falling(total_, drawn_);
  return log_mean - log_likelihood >= -log_alpha_;
}

/// Where the probability of the draws is greatest. It is the product of two falling factorials,
/// whose logarithms are concave in the count, so that what is not excluded is one run of counts
/// about this one. The mean over a prior being no more than the greatest, it is never excluded.
long SequentialAudit::likeliest() const {
  if (drawn_ == 0) return 0;
  const double place = static_cast<double>(found_) * (static_cast<double>(total_) + 1);
  const auto count = static_cast<long>(place / static_cast<double>(drawn_));
  return std::clamp(count, found_, total_ - drawn_ + found_);
}

long SequentialAudit::least() const {
  return first(found_, likeliest(), [&](long bad) { return !excluded(bad); });
}

long SequentialAudit::most() const {
  const long beyond = total_ - drawn_ + found_ + 1;  // always excluded
  return first(likeliest() + 1, beyond, [&](long bad) { return excluded(bad); }) - 1;
}

Interval SequentialAudit::interval() const {
  if (total_ == 0) return {0, 0, 0};
  const auto all = static_cast<double>(total_);
  const double value = drawn_ > 0 ? static_cast<double>(found_) / static_cast<double>(drawn_) : 0.0;
  return {value, std::min(value, static_cast<double>(least()) / all),
          std::max(value, static_cast<double>(most()) / all)};
}

/// As what is not excluded is one run about the likeliest, the count next to the limit on its other
/// side decides.
SequentialAudit::Verdict SequentialAudit::verdict() const {
  if (likeliest() <= allowed_) {
    return excluded(allowed_ + 1) ? Verdict::kKept : Verdict::kGoOn;
  }
  return excluded(allowed_) ? Verdict::kBroken : Verdict::kGoOn;
}

Interval residual_error(const std::vector<Stratum>& strata, double confidence) {
  double items = 0, audited = 0, kinds = 0;
  for (const auto& stratum : strata) {
    items += static_cast<double>(stratum.total);
    if (stratum.drawn > 0) audited += static_cast<double>(stratum.total);
    kinds += stratum.total > 0;
  }
  if (items == 0) return {0, 0, 0};
  Interval sum{0, 0, 0};
  for (const auto& stratum : strata) {
    const auto share =
        share_bad(stratum.found, stratum.drawn, stratum.total, 1 - (1 - confidence) / kinds);
    const double weight = static_cast<double>(stratum.total) / items;
    if (stratum.drawn > 0) sum.value += share.value * static_cast<double>(stratum.total) / audited;
    sum.low += weight * share.low;
    sum.high += weight * share.high;
  }
  return sum;
}

}  // namespace preannotate
