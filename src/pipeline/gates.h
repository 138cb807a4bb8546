#pragma once

#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/pipeline/evaluate.h"

namespace preannotate {

/// A figure that must not be lower: --fail-under NAME=NUMBER.
struct Gate {
  std::string name;
  double least = 0;
};

/// Throws UserError(kUsageError) for an unknown figure, with the nearest name, or no number.
std::vector<Gate> parse_gates(const std::vector<std::string>& texts);

/// Each gate against its figure in metrics.json's validation; one that nothing defines counts as 0.
/// Throws UserError(kUsageError) for a figure that the task does not have.
std::vector<GatedFigure> gated_figures(const std::vector<Gate>& gates, const Json& validation);

/// result.gates and what follows from them.
void judge(EvaluateResult& result, const std::vector<Gate>& gates);

}  // namespace preannotate
