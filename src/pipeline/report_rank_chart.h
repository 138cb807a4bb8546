#pragma once

#include <string>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// Log-loss against images a second, both log scales, a dot for each of rank.json's "backbones"; ""
/// for fewer than two.
std::string rank_chart(const Json& backbones);

}  // namespace preannotate::report
