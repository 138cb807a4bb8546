#pragma once

#include <optional>
#include <string>
#include <vector>

#include "detector_data.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/model/train_detector.h"

namespace preannotate {

struct DetectorFitOptions {
  DetectorTraining training;
  double val = 0;            // > 0: hold out this share
  std::optional<int> folds;  // absent: a fifth is held out, or 3 folds of few; 0: nothing
  int workers = 2;           // trainings side by side
  bool whole = true;         // false: only those that judge, DetectorFit::detector stays empty
  /// Where the one on all images starts from, null: random weights. Those that judge may not: it
  /// may have learned from their images.
  const Detector* start = nullptr;
};

/// One look at the trainings on their way.
struct FitCheck {
  int step = 0;
  double loss = 0, map50 = -1, map = -1;  // of the images not trained on
};

/// A detector trained on all images, and what detectors trained without them say of the images that
/// judge it.
struct DetectorFit {
  std::optional<Detector> detector;
  std::string method;                 // "hold-out 20 %", "3-fold out-of-fold"; "" for none
  std::string no_estimate_reason;     // when method is ""
  std::vector<size_t> judged;         // positions in SeedMaps::samples
  std::vector<DetectionImage> boxes;  // of these images: truth, and drafts with raw scores
  std::vector<Detector> judges;       // each trained without the images that it judges
  std::vector<size_t> judge_of;       // [judged] into judges
  std::vector<FitCheck> checks;
  int chosen_step = 0;
  double seconds = 0;
};

/// Trains on all images and, at the same time, without those that judge (folds with half of the
/// steps: they only judge, and there are several); the step at which to stop
/// is the check whose AP50 on the images not trained on is best (a later one unless it is worse by
/// more than 0.01), and the detector of all images is taken from the same step. Trainings end early
/// when three checks in a row were worse than the best by more than that.
DetectorFit fit_detector(const SeedMaps& seed_maps, const Dataset& seed, const DetectorPlan& plan,
                         const DetectorFitOptions& options);

}  // namespace preannotate
