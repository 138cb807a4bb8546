#include "preannotate/quality/passed_drafts.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "preannotate/quality/exact_counts.h"

namespace preannotate {

// Planted and own wrong drafts are one pot of which the review lets some pass. Given how many,
// those among the planted ones are hypergeometric, and few of them speak against many of the
// others.
long most_passed(long caught, long planted_passed, long planted, long shown, double delta) {
  assert(0 <= planted_passed && planted_passed <= planted && 0 <= caught && caught <= shown);
  const auto excluded = [&](long passed) {
    return hypergeometric_cdf(planted_passed, planted + caught + passed, planted_passed + passed,
                              planted) <= delta;
  };
  long most = 0;  // the probability falls with every further one
  for (long low = 0, high = shown - caught; low <= high;) {
    const long middle = low + (high - low) / 2;
    if (excluded(middle)) {
      high = middle - 1;
    } else {
      most = middle;
      low = middle + 1;
    }
  }
  return most;
}

long plants_needed(double wrong, long allowed, double delta) {
  const long own = std::max(allowed + 1, std::lround(std::ceil(wrong)));
  for (long planted = 0;; ++planted) {
    if (hypergeometric_cdf(0, planted + own, allowed + 1, planted) <= delta) return planted;
  }
}

}  // namespace preannotate
