#pragma once

#include <memory>
#include <vector>

#include "gates.h"
#include "preannotate/core/files.h"
#include "preannotate/pipeline/evaluate.h"

namespace preannotate {

/// evaluate() for a detector or its drafts. A labelled image that is missing from the drafts, or
/// cannot be read, has no draft: its objects count as missed.
EvaluateResult evaluate_boxes(const EvaluateOptions& options, const std::vector<Gate>& gates,
                              std::unique_ptr<OutputFolder> output);

}  // namespace preannotate
