#pragma once

#include <functional>
#include <vector>

#include "head_choice.h"
#include "preannotate/core/json.h"
#include "preannotate/model/backbone.h"
#include "preannotate/model/run_folder.h"

namespace preannotate {

/// What a classifier was trained on, and what its head says out of fold; null of a detector.
struct ClassifierEvidence {
  const Seed* seed = nullptr;
  const LabelledFeatures* features = nullptr;
  const FittedHead* head = nullptr;
};

/// A run that is trained but not yet written; its folder and model_version are empty.
struct Challenger {
  const Run& run;
  const Backbone& backbone;
  const Json& metrics;  // as metrics.json will have them
  ClassifierEvidence evidence;
};

/// What update adds to a training: the run it goes on from, and who judges what comes of it.
struct Continuation {
  const Run& parent;
  std::vector<bool> known;  // [samples of the seed] the parent learned from them
  std::function<Json(const Challenger&)> judge;  // gives run.json's "lineage"
};

}  // namespace preannotate
