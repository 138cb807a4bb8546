#pragma once

#include <cstdint>
#include <vector>

#include "preannotate/metrics/accuracy.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/quality/paired_difference.h"

namespace preannotate {

/// 95 % percentile interval of AP50 from `draws` bootstrap resamples of the images. `value` is
/// that of coco_figures and lies inside; a resample averages over the classes it has objects of.
Interval ap50_interval(const std::vector<DetectionImage>& images, int classes, double value,
                       std::uint64_t seed, int draws = 200);

/// The same for two detectors on the same images, each resample counting the same ones of both:
/// b - a over all classes, and of each class with objects.
struct Ap50Change {
  PairedDifference all;
  std::vector<PairedDifference> classes;  // [classes]; 0 without objects
};
Ap50Change ap50_change(const std::vector<DetectionImage>& a, const std::vector<DetectionImage>& b,
                       int classes, std::uint64_t seed, int draws = 500);

}  // namespace preannotate
