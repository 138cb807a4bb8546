#pragma once

#include <vector>

#include "preannotate/core/problems.h"
#include "preannotate/pipeline/seed.h"
#include "preannotate/pipeline/train.h"
#include "preannotate/quality/human_cost.h"

namespace preannotate {

struct BoxLoopOptions {
  TrainOptions training;  // as train would be called; data and output are not looked at
  size_t first = 10;      // images drawn by hand before there is a model
  int rounds = 3;         // models; what is labelled grows by the same factor with each
  size_t budget = 0;      // images that people see; 0: all
  BoxCost cost;
  std::uint64_t seed = 0;
};

/// One batch of images, and the model that drafted it.
struct BoxRound {
  long labelled = 0;  // images that the model was trained on; 0: no model, drawn by hand
  double map50 = -1;  // AP50 of its drafts of the batch
  CorrectionEffort effort;
};

/// Replays a loop over images whose boxes are known: the first ones, spread by k-means, are drawn
/// by hand; then in rounds a detector is trained on all that is labelled, drafts a batch drawn at
/// random, and a person corrects what it shows until each object has its box (correction_effort()).
/// The person makes no mistakes. Images that cannot be read go to `problems` once.
std::vector<BoxRound> replay_box_loop(const Seed& seed, const BoxLoopOptions& options,
                                      Problems& problems);

}  // namespace preannotate
