#pragma once

#include <cstdint>
#include <optional>

#include "detector_plan.h"
#include "preannotate/model/detector.h"

namespace preannotate {

/// An earlier detector with room for the classes that came after its own. Absent when the plan is
/// for another head.
std::optional<Detector> continued(const Detector& earlier, const DetectorPlan& plan,
                                  std::uint64_t seed);

}  // namespace preannotate
