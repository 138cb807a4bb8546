#pragma once

#include <vector>

#include "preannotate/metrics/detection.h"

namespace preannotate {

/// The same images with only the drafts whose score reaches conf[category] and that no better one
/// outshines.
std::vector<DetectionImage> shown_boxes(std::vector<DetectionImage> images,
                                        const std::vector<double>& conf);

}  // namespace preannotate
