#pragma once

#include <vector>

#include "preannotate/image/placement.h"
#include "preannotate/model/detector.h"
#include "preannotate/quality/box_calibration.h"

namespace preannotate {

/// How images come onto a detector's frame.
struct DetectorView {
  FrameSize frame;
  double tile_scale = 0;      // > 0: overlapping tiles at this many frame pixels an image pixel;
                              // 0: the whole image, letterboxed
  double tile_overlap = 0.2;  // share of a tile that neighbours have in common
};

/// The placements of an image in prediction.
std::vector<Placement> placements_of(int width, int height, const DetectorView& view);

/// What run.json says of a detector beside its weights.
struct DetectorSettings {
  DetectorView view;
  DetectorShape shape;
  std::vector<ScoreMap> score_maps;  // [classes] head's score -> probability of being right
  std::vector<double> conf;          // [classes] calibrated score from which a box is shown
  double sigma = 0.5;                // of soft-NMS, see DetectOptions; 0: hard NMS
  double iou = 0.6;                  // overlap of one place
  bool agnostic = false;             // show one box at a place: a better one of another class wins
  int max_det = 300;
};

}  // namespace preannotate
