#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/quality/human_cost.h"

namespace preannotate {

/// Drafts of images whose objects are known; what train's validation and evaluate both measure.
struct JudgedBoxes {
  std::vector<std::string> images;    // keys, [N]
  std::vector<DetectionImage> boxes;  // [N]; every draft above the floor, calibrated scores
  /// [N] the same drafts in the same order with the head's own scores; empty when not known.
  std::vector<DetectionImage> uncalibrated;
};

/// metrics.json's "validation" object of a detector:
///
///   {"method", "items": images, "objects",
///    "map", "map50", "map75", "map_small", "map_medium", "map_large", "ar1", "ar10", "ar100",
///    "ar_small", "ar_medium", "ar_large",
///    "map50_interval": {"value", "low", "high"},
///    "d_ece", "la_ece", "d_ece_before_calibration", "la_ece_before_calibration",
///    "reliability": [{"low", "high", "items", "confidence", "accuracy"}],
///    "per_class": [{"name", "objects", "map", "map50", "ar100", "conf", "precision", "recall",
///                   "right", "badly_placed", "swapped", "false_boxes", "missed"}],
///    "curves": [{"name", "recall": [...], "precision": [...]}],
///    "effort": {"cost": {...}, "seconds_per_image", "manual_seconds_per_image", "saved_share",
///               "shown", "right", "badly_placed", "swapped", "false_boxes", "missed",
///               "curve": [{"conf", "seconds_per_image", "shown", "right", ...}]}}
///
/// A figure that nothing defines is null. The interval is a bootstrap's of 200 draws of images, 95
/// %. Reliability has 10 bins; it, the curves (at most 101 points) and per_class's precision and
/// recall (at conf) are those at IoU 0.5.
///
/// conf: [classes] the score from which a draft is shown.
Json detection_figures(const JudgedBoxes& judged, const std::vector<std::string>& classes,
                       const std::vector<double>& conf, const BoxCost& cost,
                       const std::string& method, std::uint64_t seed);

/// One line: "AP50 0.873 (95 % interval 0.84-0.90), AP 0.54, D-ECE 0.03, 54 % of the time saved, 60
/// images, 812 objects".
std::string detection_line(const Json& validation);

/// An image shown in the report because of one box: an object missed with what lies near it, or a
/// false box of high score.
struct BoxMistake {
  size_t image = 0;     // into JudgedBoxes
  bool missed = false;  // else a false box
  int category = 0;
  double score = 0;  // of the false box; of a missed object 1 - the best score near it
  Box box;           // the missed object, or the false box
};

/// Most telling first, at most `limit` of each kind, at most one of a kind an image.
std::vector<BoxMistake> worst_boxes(const JudgedBoxes& judged, const std::vector<double>& conf,
                                    size_t limit);

}  // namespace preannotate
