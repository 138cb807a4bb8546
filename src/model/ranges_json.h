#pragma once

#include <string>

#include "preannotate/core/json.h"
#include "preannotate/engine/network.h"

namespace preannotate {

/// {"ranges": [{}, {"low": [-1.2, ...], "high": [3.4, ...]}, ...]}, three digits of each; "low" is
/// left out where no number is below 0.
Json ranges_json(const ActivationRanges& ranges);

/// Throws UserError(kBadModel) beginning with `where` for another shape.
ActivationRanges ranges_from_json(const Json& json, const std::string& where);

}  // namespace preannotate
