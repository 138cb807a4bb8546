#pragma once

#include <string>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// Inline SVG with axes, labels and a text alternative; "" without data to draw.
///
/// `bins`: the "reliability" list of a validation: share right against score, and how many images
/// have that score.
std::string reliability_chart(const Json& bins);

/// `path`: head.path, cross-validated log-loss against the penalty, log scale, with one standard
/// error either way; `chosen` is head.lambda.
std::string penalty_chart(const Json& path, double chosen);

}  // namespace preannotate::report
