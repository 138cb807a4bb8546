#pragma once

#include <torch/types.h>

#include <vector>

#include "box_assignment.h"
#include "preannotate/model/detector.h"

namespace preannotate {

struct DetectorLossOptions {
  AssignmentOptions assignment;
  double box_weight = 2;                    // of 1 - GIoU against the class loss
  double positive_share = 0.75, focus = 2;  // VarifocalNet (Zhang et al. 2021): alpha, gamma
};

/// Loss of a batch: varifocal loss of the scores against the quality of each cell's box, plus
/// box_weight (1 - GIoU) of the boxes weighted by quality (Rezatofighi et al. 2019), both over the
/// batch's sum of qualities. A scalar with gradients.
///
///   truth: one for each of the N images of `predictions`
torch::Tensor detector_loss(const CellPredictions& predictions, const std::vector<Cell>& cells,
                            const std::vector<ViewTruth>& truth,
                            const DetectorLossOptions& options);

/// 1 - GIoU row by row: both [P, 4] float32 x1 y1 x2 y2 -> [P].
torch::Tensor giou_loss(const torch::Tensor& predicted, const torch::Tensor& truth);

}  // namespace preannotate
