#pragma once

#include <string>
#include <string_view>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// What the page says about quality, from metrics["validation"]. Each is "" where its data is
/// absent; only the headline then says that there is no estimate, and why.

/// One sentence for <title>, and the <h1> with its explanation.
std::string headline_words(const Json& metrics);
std::string headline(const Json& metrics);

/// Pieces that the pages of every task share.
std::string no_estimate(const Json& metrics);      // instead of the headline
std::string how_measured(const Json& validation);  // a sentence
std::string unbroken(std::string_view words);      // stays on one line
std::string tile(std::string_view name, std::string_view value, std::string_view note);

std::string key_figures(const Json& metrics);
std::string per_class_section(const Json& metrics);  // weakest first
std::string confusion_section(const Json& metrics);  // a matrix, or a list above 30 classes
std::string calibration_section(const Json& metrics);

}  // namespace preannotate::report
