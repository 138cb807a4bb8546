#pragma once

#include <string>
#include <vector>

#include "preannotate/core/problems.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/pipeline/issues.h"
#include "preannotate/pipeline/seed.h"

namespace preannotate {

struct Run;

/// Labelled images, and what a detector that did not see them finds there.
struct BoxScores {
  std::vector<size_t> samples;        // [N] into the data set; those that were judged
  std::vector<std::string> sha256;    // [N] of the files
  std::vector<DetectionImage> boxes;  // [N] drafts with calibrated scores, best first
  size_t unjudged = 0;                // images that could be read and are in no fold
  std::string judged_by;
};

/// By the trainings that judge train's detector, on folds of all images.
BoxScores out_of_fold_boxes(const IssuesOptions& options, Seed& seed, Problems& problems);

/// By a run. The categories of `seed` are the run's classes.
BoxScores boxes_by_run(const IssuesOptions& options, const Run& run, const Seed& seed,
                       Problems& problems);

}  // namespace preannotate
