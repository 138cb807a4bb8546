#pragma once

#include <vector>

#include "preannotate/data/dataset.h"
#include "preannotate/model/run_folder.h"
#include "precision_trial.h"

namespace preannotate {

/// Each usable precision on up to 100 of the images (positions in seed.samples): AP50 of run's
/// drafts less that with fp32. int8 is calibrated on images spread over the seed. No trial where
/// the backbone is not compiled or nothing can be read.
PrecisionTrials try_detector_precisions(const Run& run, const Backbone& backbone,
                                        const Dataset& seed, std::vector<size_t> images,
                                        int workers);

}  // namespace preannotate
