#pragma once

#include "continuation.h"
#include "preannotate/pipeline/seed.h"
#include "preannotate/pipeline/train.h"

namespace preannotate {

/// train() for a seed with boxes.
TrainResult train_detector_run(const TrainOptions& options, Seed seed,
                               const Continuation* continuation = nullptr);

}  // namespace preannotate
