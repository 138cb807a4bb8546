#pragma once

#include <string>
#include <vector>

#include "preannotate/data/ledger.h"
#include "preannotate/model/features.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/quality/thresholds.h"

namespace preannotate {

/// Probabilities of every class from an image's features [V, D], averaged over its views.
std::vector<double> scores_of(const std::vector<float>& features, size_t views, const Run& run);

/// What becomes of one image. A classifier drafts its most probable class; a multi-label head every
/// class from 0.5 on, and `empty` when there is none. bucket: accept when the decision's confidence
/// reaches the score of its class in `accept` (multilabel: the decision on each class), else
/// review. uncertainty: 1 - (p1 - p2), multilabel 1 - |2p - 1| of the least sure label.
LedgerEntry draft(const LoadedImage& image, const std::string& key,
                  const std::vector<double>& scores, const RunManifest& run,
                  const AcceptScores& accept);

/// Of an image that could not be used: `failed` when it could not be read at all, else `skipped`.
LedgerEntry left_out(const std::string& key, const std::string& reason, const std::string& detail);

}  // namespace preannotate
