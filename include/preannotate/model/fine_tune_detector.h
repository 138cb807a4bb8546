#pragma once

#include <functional>
#include <string>
#include <vector>

#include "preannotate/model/backbone.h"
#include "preannotate/model/detector.h"
#include "preannotate/model/fine_tune.h"
#include "preannotate/model/view_truth.h"

namespace preannotate {

/// A batch for end-to-end training.
struct FrameBatch {
  torch::Tensor pixels;  // [N, 3, frame height, frame width] float32 normalised
  std::vector<ViewTruth> truth;
};

struct DetectorTuneOptions {
  int stages = 1;  // the last N of BackboneInfo::stages that feed a map are trained
  int steps = 100;
  double learning_rate = 0.002;  // of the stages at the start; the head's is 5 times that
  double l2_sp = 0.01;           // pull to the pretrained weights
  double clip = 10;              // largest norm of the gradient
};

struct DetectorTuneResult {
  Detector detector;           // trained along
  std::string backbone_bytes;  // TorchScript with the new weights and the old backbone.json
  std::vector<StageChange> changes;
};

/// Trains the last stages together with `detector`, which has been trained on the frozen maps first
/// (LP-FT, Kumar et al. 2022): gradient descent with momentum 0.9 and a cosine rate, BatchNorm
/// fixed everywhere, weights pulled to where they started (L2-SP). `next` gives the batches,
/// `progress` is called after each step with its loss. Throws UserError: kBadModel when the
/// backbone has no trainable parameters, kUsageError for fewer stages, kDiverged when the loss is
/// not finite.
DetectorTuneResult fine_tune_detector(const Backbone& backbone, const Detector& detector,
                                      const std::function<FrameBatch(int step)>& next,
                                      const DetectorTuneOptions& options,
                                      const std::function<void(double loss)>& progress);

}  // namespace preannotate
