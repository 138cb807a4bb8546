#pragma once

#include <string>
#include <vector>

#include "preannotate/core/json.h"

namespace preannotate {

/// A figure that must not be lower: --fail-under NAME=NUMBER.
struct Gate {
  std::string name;
  double least = 0;
};

/// Throws UserError(kUsageError) for an unknown figure, with the nearest name, or no number.
std::vector<Gate> parse_gates(const std::vector<std::string>& texts);

/// "accuracy 0.8030 is under 0.9" for each figure of metrics.json's validation that is too low; one
/// that nothing defines counts as 0. Throws UserError(kUsageError) for a figure that the task does
/// not have.
std::vector<std::string> gates_below(const std::vector<Gate>& gates, const Json& validation);

}  // namespace preannotate
