#pragma once

#include "preannotate/metrics/accuracy.h"

namespace preannotate {

/// How readily a reviewer accepts drafts that are wrong, measured on wrong ones that were planted.
struct OverAcceptance {
  long planted = 0, accepted = 0;
  Interval beta;  // share of wrong drafts that is accepted; Clopper-Pearson, confidence 0.95
};
OverAcceptance over_acceptance(long planted_wrong, long accepted_wrong);

/// Whether as many wrong drafts as the interval allows would use up half of max_error.
/// draft_error_reviewed: wrong share of the reviewed drafts, of all labels, before the review.
bool threatens(const OverAcceptance& reviewer, double draft_error_reviewed, double max_error);

/// Probability that an accepted draft is right, its weight in training: 1 - b e / (1 - e + b e),
/// with beta b and the wrong share e of the drafts, both in [0, 1]; 1 where none is accepted.
double accepted_weight(double beta, double draft_error);

}  // namespace preannotate
