#pragma once

#include <vector>

#include "preannotate/metrics/detection.h"

namespace preannotate {

/// Seconds a person needs for each action on boxes: the central column of
/// scripts/bench/human_cost.json, which has the sources and the optimistic and pessimistic ones.
struct BoxCost {
  double draw = 7.4;     // a tight box
  double verify = 1.75;  // look at one of several drafted boxes
  double adjust = 4.5;   // move the edges of a box that is nearly right
  double remove = 1.5;   // delete a false box
  double reclass = 2.5;  // change, or choose, the class of a box
  double scan = 3.0;     // look for missed objects, an image
  double load = 0.5;     // open an image
};

/// What correcting the drafts of some images takes, summed over them. An object is right when a
/// draft of its class has IoU >= 0.7 with it; badly placed from 0.5 on; of another class (swapped)
/// from 0.7 with any class.
struct CorrectionEffort {
  long images = 0, objects = 0, shown = 0;
  long right = 0, badly_placed = 0, swapped = 0, false_boxes = 0, missed = 0;
  double seconds = 0;         // with drafts; a missed object is drawn and named
  double seconds_manual = 0;  // everything drawn from nothing
};

/// Effort when only drafts with score >= thresholds[category] that are not outshone are shown.
/// Drafts are taken best score first, each object at most once: right before badly placed before
/// swapped. Crowds cost nothing and neither do drafts on them.
CorrectionEffort correction_effort(const std::vector<DetectionImage>& images,
                                   const std::vector<double>& thresholds, const BoxCost& cost);

/// The same counts a category, without seconds; they add up to those of all. Objects, right, badly
/// placed, swapped and missed go by the object's category; shown and false boxes by the draft's.
std::vector<CorrectionEffort> correction_effort_by_category(
    const std::vector<DetectionImage>& images, const std::vector<double>& thresholds);

/// One point of the trade-off.
struct EffortPoint {
  double threshold = 0;
  CorrectionEffort effort;
};

/// Effort at the thresholds 1/points, 2/points, ... 1, common to all categories.
std::vector<EffortPoint> effort_curve(const std::vector<DetectionImage>& images, int classes,
                                      const BoxCost& cost, int points = 50);

/// The common threshold of least seconds: the middle of those about it that are not told apart by
/// the time of one false box, as a few images say no more. 1, which shows nothing, where that is
/// cheapest.
double cheapest_threshold(const std::vector<DetectionImage>& images, int classes,
                          const BoxCost& cost);

/// One threshold a category, starting from the common one; one after the other is moved alone to
/// where the seconds are least (in the same sense), when its category has at least `least` objects.
std::vector<double> cheapest_thresholds(const std::vector<DetectionImage>& images, int classes,
                                        const BoxCost& cost, long least = 30);

}  // namespace preannotate
