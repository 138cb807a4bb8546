#pragma once

#include <functional>
#include <string>
#include <vector>

#include "preannotate/model/backbone.h"
#include "preannotate/model/classifier.h"

namespace preannotate {

struct FineTuneOptions {
  int stages = 1;  // the last N of BackboneInfo::stages are trained
  int epochs = 8;
  int batch = 32;
  double learning_rate = 0.003;  // of the stages; the head's is 10 times that
  double l2_sp = 0.01;           // pull to the pretrained weights
  std::uint64_t seed = 0;
};

/// Pixels of training rows `rows` in epoch `epoch`: [n, 3, side, side] float32 normalised.
using PixelSource = std::function<torch::Tensor(const std::vector<size_t>& rows, int epoch)>;

struct StageChange {
  std::string stage;
  double relative_change = 0;  // ||new - old|| / ||old|| over the stage's trained weights
};

struct FineTuneResult {
  LinearHead head;             // trained along
  std::string backbone_bytes;  // TorchScript with the new weights and the old backbone.json
  std::vector<StageChange> changes;
  std::vector<double> epoch_loss;
};

/// Trains the last stages together with `head`, which has been fitted on the frozen features first
/// (LP-FT, Kumar et al. 2022): stochastic gradient descent with momentum 0.9 and a cosine rate,
/// BatchNorm statistics fixed, weights pulled to where they started (L2-SP, Li et al. 2018).
///
///   targets: softmax [N] int64; sigmoid [N, C] float32
///   columns: how many feature columns the head uses (layout().embedding or layout().total())
///
/// `progress` is called after each batch with the images done. Throws UserError: kBadModel when the
/// backbone has no trainable parameters or fewer stages, kDiverged when the loss is not finite.
FineTuneResult fine_tune(const Backbone& backbone, const LinearHead& head, std::int64_t columns,
                         const torch::Tensor& targets, Link link, const PixelSource& pixels,
                         const FineTuneOptions& options,
                         const std::function<void(size_t)>& progress);

}  // namespace preannotate
