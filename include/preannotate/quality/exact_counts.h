#pragma once

#include "preannotate/metrics/accuracy.h"

namespace preannotate {

/// Exact limits on how many of `total` items are bad, from `draws` of them taken at random without
/// replacement, `found` of which were bad: 0 <= found <= draws <= total. delta and confidence are
/// in (0, 1). No approximation anywhere; see Buonaccorsi (1987) for the hypergeometric limits.

/// P(X <= k), X the number of bad ones among the draws when `bad` of `total` are.
double hypergeometric_cdf(long k, long total, long bad, long draws);

/// max{K : P(X <= found | K bad) > delta}: at most so many are bad, with confidence 1 - delta.
long most_bad(long found, long draws, long total, double delta);

/// min{K : P(X >= found | K bad) > delta}: at least so many are bad, with confidence 1 - delta.
long least_bad(long found, long draws, long total, double delta);

/// The bad share of `total`: from least_bad to most_bad at (1 - confidence) / 2 each, with the
/// share of the draws as value. [0, 1] without draws, [0, 0] without items.
Interval share_bad(long found, long draws, long total, double confidence);

/// How many bad ones a share of `total` allows: rounded down, but 0.57 of 100 is 57, though the
/// product of the doubles is a little less.
long allowed_bad(long total, double max_error);

/// The least number of draws with which `found` bad ones still give
/// most_bad <= allowed_bad(total, max_error); -1 when drawing all would not.
long answers_needed(long total, double max_error, double delta, long found = 0);

}  // namespace preannotate
