#pragma once

#include <string>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// Inline SVG with axes, labels and a text alternative; "" without data to draw.

/// `curve`: an entry of the validation's "curves"; `figures`: the same class in "per_class", whose
/// precision and recall at conf are marked.
std::string precision_recall_chart(const Json& curve, const Json& figures);

/// `training`: metrics["training"]; loss and AP50 above each other against the step.
std::string training_chart(const Json& training);

/// Seconds an image against the score from which drafts are shown, the line of drawing everything
/// and what was chosen.
std::string effort_chart(const Json& validation);

}  // namespace preannotate::report
