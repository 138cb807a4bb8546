#pragma once

#include <string>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// report.html of `simulate`: what SimulateResult::simulation says, for people.
std::string loop_page(const Json& simulation);

}  // namespace preannotate::report
