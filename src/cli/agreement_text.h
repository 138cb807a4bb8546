#pragma once

#include <string>

#include "preannotate/review/reviewer_agreement.h"

namespace preannotate::cli {

/// "Cohen's kappa 0.81, of 22 images that two or more answered (ann, bob)"; "" when nothing is
/// defined. Escaped for terminals.
std::string agreement_text(const ReviewerAgreement& agreement);

/// "1 image", "1,050 images".
std::string counted(size_t count, const std::string& what);

}  // namespace preannotate::cli
