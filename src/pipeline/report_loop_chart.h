#pragma once

#include <string>
#include <string_view>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// Inline SVG of one figure of a loop's rounds against the images labelled by then; "" with fewer
/// than two rounds. curve: SimulateResult::simulation's. The figure is multiplied by `unit`.
std::string round_chart(const Json& curve, std::string_view key, double unit,
                        std::string_view name);

}  // namespace preannotate::report
