#pragma once

#include <vector>

#include "preannotate/metrics/accuracy.h"

namespace preannotate {

/// Whether at most `tolerance` of `total` labels are bad, told from labels drawn at random without
/// replacement, looked at one after another. It may be asked after every draw and stopped at any
/// time: that one of its answers is wrong, ever, has probability at most alpha. It is the
/// prior-posterior ratio of Waudby-Smith and Ramdas (2020) with the prior Beta(1, 1/tolerance).
class SequentialAudit {
 public:
  /// total >= 0, tolerance in [0, 1], alpha in (0, 1)
  SequentialAudit(long total, double tolerance, double alpha);

  void add(bool bad);  // at most `total` times
  long drawn() const { return drawn_; }
  long found() const { return found_; }

  /// The counts of bad labels among all that are not excluded, from least() to most().
  long least() const;
  long most() const;
  /// The same as shares of the total, with found / drawn as value; [0, 0] without labels.
  Interval interval() const;

  /// kept: most() is within the tolerance; broken: least() is above it.
  enum class Verdict { kKept, kBroken, kGoOn };
  Verdict verdict() const;

 private:
  bool excluded(long bad) const;
  long likeliest() const;
  long total_, allowed_;
  double prior_good_, log_alpha_;
  long drawn_ = 0, found_ = 0;
};

/// Labels of one kind (accepted, corrected, ...), of which some were drawn at random and audited.
struct Stratum {
  long total = 0, drawn = 0, found = 0;  // found <= drawn <= total
};

/// The bad share of all strata together: the exact limits of each (share_bad) at
/// (1 - confidence) / strata, summed by their weights, so that they hold together. A stratum
/// without draws is anywhere in [0, 1]; the value takes it to be as bad as the others. [0, 0]
/// without items.
Interval residual_error(const std::vector<Stratum>& strata, double confidence);

}  // namespace preannotate
