#pragma once

#include <string>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// Log-loss against images a second, log scale, a dot for each of rank.json's "backbones"; "" for
/// fewer than two.
std::string rank_chart(const Json& backbones);

}  // namespace preannotate::report
