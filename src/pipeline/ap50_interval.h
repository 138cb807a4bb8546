#pragma once

#include <cstdint>
#include <vector>

#include "preannotate/metrics/accuracy.h"
#include "preannotate/metrics/detection.h"

namespace preannotate {

/// 95 % percentile interval of AP50 from `draws` bootstrap resamples of the images. `value` is
/// that of coco_figures and lies inside; a resample averages over the classes it has objects of.
Interval ap50_interval(const std::vector<DetectionImage>& images, int classes, double value,
                       std::uint64_t seed, int draws = 200);

}  // namespace preannotate
