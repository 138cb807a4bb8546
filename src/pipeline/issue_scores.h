#pragma once

#include <string>
#include <vector>

#include "preannotate/core/problems.h"
#include "preannotate/pipeline/issues.h"
#include "preannotate/pipeline/seed.h"

namespace preannotate {

struct Run;

/// Labelled images, and how probable each class is by a head that did not see them.
struct LabelScores {
  std::vector<size_t> samples;               // [N] into the data set
  std::vector<std::string> sha256;           // [N] of the files
  std::vector<std::vector<float>> features;  // [N][D] embeddings
  std::vector<std::vector<double>> scores;   // [N][C]; empty: in no fold
  std::vector<std::vector<double>> first;    // [N][C] by the first division alone, where there are
                                             // more; they tell how many to flag
  std::string judged_by;
  /// By heads that did not learn from labels at odds with them: rank by self-confidence.
  bool clean = false;
};

/// By the head that train would fit, on its folds and on `options.rounds` more: see issues.h.
LabelScores out_of_fold_scores(const IssuesOptions& options, const Seed& seed, Problems& problems);

/// By a run. The categories of `seed` are the run's classes.
LabelScores scores_by_run(const IssuesOptions& options, const Run& run, const Seed& seed,
                          Problems& problems);

}  // namespace preannotate
