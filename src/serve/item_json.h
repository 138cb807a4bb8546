#pragma once

#include "preannotate/core/json.h"
#include "session_state.h"

namespace preannotate {

/// One item as the page gets it.
Json item_json(const SessionState& state, size_t item);

}  // namespace preannotate
