#pragma once

#include <cstdint>

#include "preannotate/model/backbone.h"

namespace preannotate {

/// Weights in the backbone's file that training could move; 0 of a frozen file, whose weights are
/// constants. Reads the file's bytes once more.
std::int64_t parameter_count(const Backbone& backbone);

}  // namespace preannotate
