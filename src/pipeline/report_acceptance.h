#pragma once

#include <string>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// What is accepted for the target precision, class by class, and the time that is left; "" for a
/// training without a target.
std::string acceptance_section(const Json& metrics);

}  // namespace preannotate::report
