#pragma once

#include <vector>

#include "acceptance.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/quality/human_cost.h"

namespace preannotate {

/// Acceptance of the boxes that are shown (score >= conf[category], not outshone), right at IoU
/// 0.5; drafts on crowds are left out. Boxes of an image stand together.
Acceptance box_acceptance(const std::vector<DetectionImage>& images,
                          const std::vector<double>& conf, double precision, std::uint64_t seed);

/// An image is unseen when all its shown boxes were accepted and no other is likely
/// (draft_boxes()).
ReviewTime box_review_time(const std::vector<DetectionImage>& images,
                           const std::vector<double>& conf, const BoxCost& cost,
                           const Acceptance& acceptance);

}  // namespace preannotate
