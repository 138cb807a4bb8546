#pragma once

#include <string>
#include <vector>

#include "preannotate/data/dataset.h"
#include "preannotate/quality/box_issues.h"
#include "suspect.h"

namespace preannotate {

/// Boxes that are flagged or worth a look, and identical files with different boxes; in the order
/// of issues.json. samples, sha256, boxes, scores: [N].
std::vector<Suspect> box_suspects(const Dataset& dataset, const std::vector<size_t>& samples,
                                  const std::vector<std::string>& sha256,
                                  const std::vector<DetectionImage>& boxes,
                                  const std::vector<BoxIssueScores>& scores);

}  // namespace preannotate
