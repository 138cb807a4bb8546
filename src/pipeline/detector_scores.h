#pragma once

#include <vector>

#include "preannotate/metrics/detection.h"
#include "preannotate/quality/box_calibration.h"

namespace preannotate {

/// A map a class, from the head's scores of boxes in images that it was not trained on.
std::vector<ScoreMap> fit_box_maps(const std::vector<DetectionImage>& boxes, size_t classes);

/// The same boxes with their scores mapped.
std::vector<DetectionImage> calibrated(std::vector<DetectionImage> boxes,
                                       const std::vector<ScoreMap>& maps);

/// Each half of the images calibrated by what the other half showed, so that the figures of the
/// calibration are not those of its own training.
std::vector<DetectionImage> cross_calibrated(const std::vector<DetectionImage>& boxes,
                                             size_t classes);

}  // namespace preannotate
