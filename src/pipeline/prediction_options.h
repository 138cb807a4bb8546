#pragma once

#include <optional>
#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/data/format.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/predict.h"

namespace preannotate {

/// What the options of predict and the run say together.

/// Throws UserError(kUsageError) for options that no run can have.
void check_options(const PredictOptions& options);
/// The same for options, and formats, that are not for this run.
void check_options_for(const RunManifest& run, const PredictOptions& options,
                       const std::vector<const DatasetFormat*>& formats);

std::vector<const DatasetFormat*> formats_named(const std::vector<std::string>& names);

/// Scores by class where there are some: from a file, or the run's; of a classifier --conf sets
/// them aside.
std::optional<AcceptScores> scores_by_class(const PredictOptions& options, const RunManifest& run);

/// From where drafts are accepted: these, or the same score for each class.
AcceptScores accept_scores(const RunManifest& run, std::optional<double> conf,
                           const std::optional<AcceptScores>& scores_by_class);

/// A number, null where a classifier has scores by class; of a detector, of which it says what is
/// shown, one a class.
Json conf_json(const RunManifest& run, std::optional<double> conf, bool scores_by_class);

}  // namespace preannotate
