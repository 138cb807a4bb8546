#include "preannotate/quality/over_acceptance.h"

#include "clopper_pearson.h"

namespace preannotate {

OverAcceptance over_acceptance(long planted_wrong, long accepted_wrong) {
  return {planted_wrong, accepted_wrong, clopper_pearson(accepted_wrong, planted_wrong, 0.95)};
}

bool threatens(const OverAcceptance& reviewer, double draft_error_reviewed, double max_error) {
  return reviewer.beta.high * draft_error_reviewed > max_error / 2;
}

double accepted_weight(double beta, double draft_error) {
  const double wrong = beta * draft_error, accepted = 1 - draft_error + wrong;
  return accepted > 0 ? 1 - wrong / accepted : 1;
}

}  // namespace preannotate
