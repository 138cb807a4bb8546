#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "preannotate/model/detector.h"
#include "preannotate/model/map_store.h"
#include "preannotate/model/view_truth.h"

namespace preannotate {

/// Views of labelled images: their maps and what is in them. An item is an image, or a tile of one;
/// the views of item i are rows [i * views_per_item, (i + 1) * views_per_item), the plain one
/// first.
struct DetectorData {
  const MapStore* maps = nullptr;
  std::vector<ViewTruth> truth;  // one a view
  int views_per_item = 1;
  int frame_width = 0, frame_height = 0;
};

struct DetectorTraining {
  int steps = 900;
  int batch = 4;                // views a step, of different items
  double learning_rate = 2e-3;  // AdamW (Loshchilov and Hutter 2019), cosine after the warm-up
  /// Of weights with two or more dimensions, times the rate. Strong, as a seed is small: 30 images
  /// of cards gave AP50 0.53 with 0.05, 0.57 with 1, 0.60 with 3 and 0.50 with 10.
  double decay = 3;
  double average = 0.995;  // of the moving average of the weights, which is the result
  double clip = 10;        // largest norm of the gradient
  int checks = 8;          // evenly spaced calls of `check`, the last at the end
  std::uint64_t seed = 0;
};

/// Where a training stands.
struct DetectorProgress {
  int step = 0;        // of `steps`
  double loss = 0;     // mean since the last call
  bool check = false;  // one of `checks`: `averaged` is to be judged
};

/// Trains `detector` on the views of `items` and calls `report` each 10 steps and at every check
/// with the averaged weights (in inference form); false from it ends the training there. Several
/// trainings can run side by side; each works on as many cores as its caller's
/// at::set_num_threads(). The same arguments give the same weights. Throws UserError(kDiverged)
/// when the loss is not finite.
Detector train_detector(
    const Detector& start, const DetectorData& data, const std::vector<size_t>& items,
    const DetectorTraining& options,
    const std::function<bool(const DetectorProgress&, const Detector& averaged)>& report);

}  // namespace preannotate
