#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/pipeline/train.h"

namespace preannotate {

struct IssuesOptions {
  /// The labelled images, how train would look at them, and the folder to write (`output`).
  TrainOptions train;
  std::filesystem::path model;  // "" or a run that did not see these images, in place of folds
  /// Classifier: further divisions into folds, trained without the labels flagged before, whose
  /// probabilities are averaged. 0: the division of train alone.
  int rounds = 5;
  std::optional<long> fail_over;      // more flagged than this is kCheckFailed
  std::filesystem::path dump_scores;  // "" or a file for what the issues were found by
};

struct IssuesResult {
  Json issues;          // the content of issues.json
  std::string failure;  // "23 labels are flagged, more than --fail-over 10", or ""
  ExitCode exit_code = kDone;
};

/// Labels that look wrong, most suspect first. Writes issues.json and report.html and changes
/// nothing else. Every image is judged by a model that was not trained on it: folds, or a run.
///
/// issues.json: {"format_version", "tool_version", "task", "classes", "data": {"path", "images",
/// "labels", "sha256", "left_out"}, "judged_by", "model_version", "unjudged", "flagged",
/// "kinds": {kind: flagged}, "issues": [{"image", "kind", "label", "suggestion", "score",
/// "flagged", "bbox"?, "suggested_bbox"?, "other"?}]}
///
/// kind: wrong_label, missing_label (several labels an image), overlooked, badly_located, swapped
/// (boxes), duplicate (the same picture as `other`, whose labels differ). score is in [0, 1], low
/// is suspect, and compares within a kind. Flagged ones come first, then those of lower rank that
/// are still worth a look. bbox: x, y, width, height in pixels of the upright image.
///
/// Throws UserError, kUsageError for a run that was trained on exactly this data.
IssuesResult find_issues(const IssuesOptions& options);

}  // namespace preannotate
