#pragma once

#include <memory>

#include "detector_fit.h"
#include "preannotate/core/json.h"
#include "preannotate/pipeline/train.h"

namespace preannotate {

/// What --unfreeze came to; metrics.json's "fine_tune" and, when it was kept, what replaces the
/// frozen backbone and its head.
struct DetectorUnfreezing {
  Json report;
  bool kept = false;
  std::unique_ptr<Backbone> backbone;  // of all images
  std::optional<Detector> detector;
  std::vector<DetectionImage> boxes;  // of fit.judged, by what was tuned without them
};

/// Tunes the last stages and the head end to end without the held-out images and judges by their
/// AP50; only when that is better than with the frozen backbone, tunes again on all images.
DetectorUnfreezing unfreeze_detector(const Backbone& backbone, const Dataset& seed,
                                     const DetectorPlan& plan, const SeedMaps& maps,
                                     const DetectorFit& fit, const TrainOptions& options,
                                     int workers);

}  // namespace preannotate
