#include "gates.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {

namespace {

/// Figures that --fail-under can name, each better when larger.
const std::vector<std::string> kGates{"accuracy", "exact_match", "macro_f1", "micro_f1",
                                      "map",      "map50",       "map75"};

Gate parse_gate(const std::string& text) {
  const size_t equals = text.find('=');
  Gate gate{text.substr(0, equals), 0};
  if (std::find(kGates.begin(), kGates.end(), gate.name) == kGates.end()) {
    const std::string nearest = nearest_name(gate.name, kGates);
    throw UserError(kUsageError, "--fail-under: unknown figure '", gate.name, "'",
                    nearest.empty() ? "" : "; did you mean " + nearest + "?",
                    " Known: ", join_names(kGates));
  }
  if (equals == std::string::npos || !parse_number(text.substr(equals + 1), gate.least)) {
    throw UserError(kUsageError, "--fail-under '", text, "': expected NAME=NUMBER, e.g. ",
                    gate.name, "=0.9");
  }
  return gate;
}

}  // namespace

std::vector<Gate> parse_gates(const std::vector<std::string>& texts) {
  std::vector<Gate> gates;
  for (const auto& text : texts) gates.push_back(parse_gate(text));
  return gates;
}

std::vector<GatedFigure> gated_figures(const std::vector<Gate>& gates, const Json& validation) {
  std::vector<GatedFigure> figures;
  for (const auto& gate : gates) {
    if (!validation.contains(gate.name)) {
      std::vector<std::string> known;
      for (const auto& name : kGates) {
        if (validation.contains(name)) known.push_back(name);
      }
      throw UserError(kUsageError, "--fail-under ", gate.name,
                      ": this task has no such figure; it has ", join_names(known));
    }
    const Json& figure = validation.at(gate.name);
    const double value = figure.is_null()     ? 0
                         : figure.is_object() ? figure.at("value").get<double>()
                                              : figure.get<double>();
    char text[96] = "";
    if (value < gate.least) {
      std::snprintf(text, sizeof text, "%s %.4f is under %g", gate.name.c_str(), value, gate.least);
    }
    figures.push_back({gate.name, text});
  }
  return figures;
}

void judge(EvaluateResult& result, const std::vector<Gate>& gates) {
  result.gates = gated_figures(gates, result.metrics.at("validation"));
  for (const auto& figure : result.gates) {
    if (!figure.below.empty()) result.below.push_back(figure.below);
  }
}

}  // namespace preannotate
