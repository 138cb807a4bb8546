#pragma once

#include <vector>

#include "preannotate/quality/class_cost.h"

namespace preannotate {

/// Images of one page in which people look at drafts of one class.
inline constexpr int kPageImages = 24;

/// Seconds to look at a draft in such a page, and to correct it when it is wrong.
double page_seconds(const ClassCost& cost, double wrong);

/// How to finish drafts that nobody has looked at, as far as their scores foretell.
struct FinishingPlan {
  long sample = 0;      // images to label blind for a certificate; 0: look at every draft instead
  double accepted = 0;  // drafts that the certificate would accept
  double seconds = 0;   // of all that is left to do
};

/// The cheaper of looking at every draft (of choosing its class anew, where that is faster) and of
/// the best sample for certify_scores(): with so many
/// draws that `found` wrong ones are allowed, drafts are accepted from the top until about
/// (found + 1) / (draws + 1) of all are wrong, as that many lie above the first one too many.
/// scores: calibrated, of the drafts left; allowed_wrong: of these.
FinishingPlan cheapest_finish(std::vector<double> scores, long allowed_wrong, double delta,
                              const ClassCost& cost, int classes);

}  // namespace preannotate
