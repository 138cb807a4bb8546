#pragma once

#include "detector_data.h"

namespace preannotate {

/// Fills the rows that plan.policy.mosaics views of each item want: a view of its image and of
/// three others, drawn at random, side by side at half size.
void add_mosaics(const Backbone& backbone, const Dataset& seed, const DetectorPlan& plan,
                 const SeedMapsOptions& options, SeedMaps& found);

}  // namespace preannotate
