#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "preannotate/core/box.h"

namespace preannotate {

/// Boxes to merge, row by row; only those of one group, an image and class, meet. A row whose score
/// is not above 0 (NaN too) takes no part.
struct ScoredBoxes {
  std::span<const Box> boxes;            // [N], pixels
  std::span<const float> scores;         // [N]
  std::span<const std::int64_t> groups;  // [N]
};

/// Rows that are left with the scores that are left of them, best first; equal scores by row.
struct DecayedRows {
  std::vector<std::int64_t> rows;
  std::vector<float> scores;
};

/// Gaussian soft-NMS (Bodla et al. 2017). The best row that is left is taken and the score of each
/// other one of its group multiplied by exp(-IoU^2 / sigma); a score below `floor` ends its row.
///
///   sigma above 0, as a rule 0.5
DecayedRows soft_nms(const ScoredBoxes& in, float sigma, float floor);

/// Boxes of one group drawn together.
struct FusedBox {
  Box box;               // mean of the members' corners, weighted by their scores
  float score = 0;       // mean of the members' scores
  float best_score = 0;  // highest of the members' scores
  std::int64_t group = 0;
  std::int64_t members = 0;
};

/// Weighted box fusion (Solovyev et al. 2021). From the best score down, a box joins that fused box
/// of its group with which its IoU is highest, if that is above `iou_threshold`, else it starts
/// one. Best mean score first; equal scores in the order in which they were started.
std::vector<FusedBox> weighted_box_fusion(const ScoredBoxes& in, float iou_threshold);

}  // namespace preannotate
