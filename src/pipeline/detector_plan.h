#pragma once

#include <string>
#include <vector>

#include "preannotate/data/dataset.h"
#include "preannotate/image/placement.h"
#include "preannotate/model/backbone.h"
#include "preannotate/model/detector.h"
#include "preannotate/model/detector_run.h"

namespace preannotate {

/// What decides how a detector looks at images, read off the seed's boxes.
struct DetectorPlan {
  DetectorView view;
  DetectorShape shape;
  AugmentPolicy policy;
  double typical_width = 0, typical_height = 0;  // median box, frame pixels
};

struct PlanOptions {
  int imgsz = 0;  // long side of the frame; 0: chosen
  int tile = 0;   // > 0: tiles of that many image pixels
  std::string augment =
      "light";  // views of an image: none 1, light 6 (10 of few), strong twice that, mosaics too
};

/// Frame: the seed's common aspect ratio, or a square when it is mixed; 512 px long, 416 when even
/// small boxes stay large, more (to 1280) when they would be under 16 px. Levels: stride 16, with 8
/// where boxes are small, 32 where they are large, and 4 where they are tiny. Throws UserError:
/// kBadModel for a backbone without spatial maps, kUsageError for a side that does not fit.
DetectorPlan plan_detector(const Dataset& seed, const Backbone& backbone,
                           const PlanOptions& options);

/// More images hold more to learn; a step without the large stride-8 grid costs a quarter. Steps
/// are what accuracy asks for most: these fill what a train may take.
int default_steps(size_t images, const DetectorShape& shape);

/// Weights are held back less where more images hold them: 260 of cards gave AP50 0.885 with the 3
/// that suits 30, 0.938 with 1. Not so with a stride-8 grid: 261 of bccd gave 0.926 with 3, 0.912
/// with 1.
double default_decay(size_t images, const DetectorShape& shape);

}  // namespace preannotate
