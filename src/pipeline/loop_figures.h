#pragma once

#include <vector>

#include "box_loop.h"
#include "class_loop.h"
#include "preannotate/core/json.h"

namespace preannotate {

/// Of values of one run each: {"value": mean, "low": least, "high": most}; null without any.
Json spread(const std::vector<double>& values);

/// "loop", "manual", "drafts_only" and "curve" of SimulateResult::simulation.
Json class_loop_figures(const std::vector<LoopOutcome>& runs, double max_error,
                        const ClassCost& cost, int classes);

/// "loop" and "curve" of a detector's.
Json box_loop_figures(const std::vector<std::vector<BoxRound>>& runs);

}  // namespace preannotate
