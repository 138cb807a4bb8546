#pragma once

#include <string>

#include "preannotate/core/json.h"
#include "preannotate/model/backbone.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/train.h"

namespace preannotate {

/// Throws UserError(kUsageError) naming the option that is out of range.
void check_options(const TrainOptions& options);

/// Throws UserError(kUsageError) for an option that was given but means nothing to `task`.
void check_task_options(const TrainOptions& options, const std::string& task);

BackboneOptions backbone_options(const TrainOptions& options);

/// Of a detector: a frame has two sides, so the backbone itself is tried on its own.
BackboneOptions square_backbone(const TrainOptions& options);

/// For run.json's provenance.
Json options_json(const TrainOptions& options);

/// Those that a run was trained with, as far as they say how; --unfreeze is not repeated.
TrainOptions options_of(const RunManifest& run);

}  // namespace preannotate
