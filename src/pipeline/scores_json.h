#pragma once

#include <vector>

#include "issue_boxes.h"
#include "issue_scores.h"
#include "preannotate/core/json.h"
#include "preannotate/quality/box_issues.h"

namespace preannotate {

/// What issues were found by, for comparison with other programs:
/// {"classes", "images": [{"image", "labels": [index], "scores": [C], "score", "flagged"}]}; the
/// last two only where an image has one label
Json scores_json(const Seed& seed, const LabelScores& scores);

/// {"classes", "images": [{"image", "score", "truth": [{"category": index, "bbox": [x1, y1, x2,
/// y2], "crowd", "badly_located", "swapped"}], "drafts": [{"category", "bbox", "score",
/// "overlooked"}]}]}
Json scores_json(const Seed& seed, const BoxScores& judged,
                 const std::vector<BoxIssueScores>& scores);

}  // namespace preannotate
