#pragma once

#include <memory>
#include <optional>

#include "head_choice.h"
#include "preannotate/core/json.h"
#include "preannotate/model/backbone.h"
#include "preannotate/pipeline/train.h"

namespace preannotate {

/// What --unfreeze made.
struct FineTuneStep {
  Json report;                         // metrics.json's "fine_tune"
  std::optional<FittedHead> head;      // set when kept: judged on the held-out images
  std::unique_ptr<Backbone> backbone;  // set when kept: with the new weights
  torch::Tensor held_out;              // set when kept: features of the held-out images by it
};

/// Trains the last stages on the division's training images and keeps them only when the held-out
/// log-loss gets better than `fitted`'s.
FineTuneStep try_fine_tuning(const Backbone& backbone, const FittedHead& fitted,
                             const LabelledFeatures& features, const Seed& seed,
                             const Division& division, const FeatureOptions& extraction,
                             const TrainOptions& options);

}  // namespace preannotate
