#pragma once

#include <vector>

#include "preannotate/core/box.h"

namespace preannotate {

/// An object that a person boxed.
struct TruthBox {
  Box box;
  int category = 0;
  bool crowd = false;  // many objects, or one marked difficult: never missed, never wrongly found
  double area = 0;     // pixels, for the size ranges; 0: the box's own
};

/// A box with its score, as drafted.
struct DraftBox {
  Box box;
  int category = 0;
  double score = 0;  // [0, 1]
  /// A better box of another class lies on it: judged like any other, but not shown to a person.
  bool outshone = false;
};

/// What is there and what was drafted in one image.
struct DetectionImage {
  std::vector<TruthBox> truth;
  std::vector<DraftBox> drafts;
};

/// Marks the drafts of an image that a better one of another category, itself not outshone,
/// overlaps by more than `iou`; of equal scores the first is the better. Marks that were there are
/// replaced.
void mark_outshone(std::vector<DraftBox>& drafts, double iou);

/// COCO's figures; -1 where nothing defines them. Sizes by area: small to 32^2, medium from there
/// to 96^2, large from there on, in px; an area on the border belongs to both.
struct CocoFigures {
  double ap = -1, ap50 = -1, ap75 = -1;  // IoU 0.50:0.05:0.95, 0.50, 0.75; at most 100 boxes
  double ap_small = -1, ap_medium = -1, ap_large = -1;
  double ar1 = -1, ar10 = -1, ar100 = -1;
  double ar_small = -1, ar_medium = -1, ar_large = -1;
  std::vector<double> class_ap, class_ap50, class_ar100;  // [C]
};

/// As COCOeval (pycocotools 2.0.11) computes them with useCats and its default parameters: stable
/// order of equal scores, greedy matching a category and image at a time, crowds by intersection
/// over the draft's area, precision interpolated at 101 recalls. Equal to it within 1e-6:
/// scripts/bench/coco_equality.py.
CocoFigures coco_figures(const std::vector<DetectionImage>& images, int classes);

/// How one draft fared at one IoU threshold.
struct BoxMatch {
  int image = 0, draft = 0;  // positions
  int truth = -1;            // position of the truth box that it found, -1: none
  double iou = 0;            // with that box; without one, the best with any box of its category
  bool ignored = false;      // lies on a crowd: neither right nor wrong, truth -1
};

/// Greedy matching by descending score within category and image, as COCOeval's, of every draft of
/// every image; order: image, then draft.
std::vector<BoxMatch> match_boxes(const std::vector<DetectionImage>& images, double iou);

/// Precision and recall of one category as the score threshold falls, at one IoU; ignored drafts
/// left out. Empty when the category has no truth box.
struct PrecisionRecall {
  std::vector<double> score, precision, recall;  // one entry a distinct score, falling
};
PrecisionRecall precision_recall(const std::vector<DetectionImage>& images, int category,
                                 double iou);

/// Detection ECE (Kueppers et al. 2020, confidence only): bins of equal width over the score,
/// share-weighted |mean score - precision| at `iou`, over all categories together. -1 without any
/// draft.
double detection_calibration_error(const std::vector<DetectionImage>& images, double iou,
                                   int bins = 10);
/// Localisation-aware ECE (Oksuz et al. 2023): a category at a time, share-weighted
/// |mean score - mean IoU of the right drafts (wrong ones count 0)|, averaged over the categories
/// that have a draft; at IoU 0.5, 25 bins. -1 without any draft.
double localisation_calibration_error(const std::vector<DetectionImage>& images, int classes,
                                      double iou = 0.5, int bins = 25);

}  // namespace preannotate
