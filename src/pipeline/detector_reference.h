#pragma once

#include <cstdint>

#include "detector_data.h"
#include "preannotate/data/dataset.h"
#include "preannotate/model/backbone.h"
#include "preannotate/model/seed_reference.h"

namespace preannotate {

/// What predict holds folders against: each image of the seed once more, as predict looks at it and
/// in the precision of `backbone`, which must not have learned from the images.
SeedReference detector_reference(const Backbone& backbone, const Dataset& seed,
                                 const SeedMaps& maps, const DetectorView& view, int workers,
                                 std::uint64_t random_seed);

}  // namespace preannotate
