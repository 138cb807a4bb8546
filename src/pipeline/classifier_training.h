#pragma once

#include "continuation.h"
#include "preannotate/pipeline/seed.h"
#include "preannotate/pipeline/train.h"

namespace preannotate {

/// train() for a seed of classes.
TrainResult train_classifier_run(const TrainOptions& options, Seed seed,
                                 const Continuation* continuation = nullptr);

}  // namespace preannotate
