#pragma once

#include <vector>

#include "preannotate/data/dataset.h"
#include "preannotate/model/run_folder.h"
#include "precision_trial.h"

namespace preannotate {

/// A run, of which the classes, the settings and the detector count, and the images that it judges.
struct JudgedImages {
  Run run;
  std::vector<size_t> images;  // positions in seed.samples
};

/// Each usable precision on up to 100 images, each drafted by its own run: AP50 of all less that
/// with fp32. int8 is calibrated on images spread over the seed. No trial where the backbone is not
/// compiled or there are no images.
PrecisionTrials try_detector_precisions(std::vector<JudgedImages> parts, const Backbone& backbone,
                                        const Dataset& seed, int workers);

}  // namespace preannotate
