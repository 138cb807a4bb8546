#pragma once

#include <cstdint>
#include <vector>

#include "preannotate/core/box.h"
#include "preannotate/model/view_truth.h"

namespace preannotate {

/// A cell of the head's grids: its centre in frame pixels and its stride.
struct Cell {
  float x = 0, y = 0, stride = 1;
};

/// Which cell learns which box.
struct Assignment {
  std::vector<std::int64_t> cells;  // rising
  std::vector<int> boxes;           // of each of these cells: position in ViewTruth::boxes
  std::vector<float> quality;       // (0, 1]: the score that the cell should give
};

struct AssignmentOptions {
  int cells_per_box = 10;
  double score_power = 0.5, iou_power = 6;  // TOOD (Feng et al. 2021), t = s^a IoU^b
  /// Share of the prior in the choice: 1 at the start of training, when predictions mean nothing,
  /// 0 later. The prior likes cells near the box's centre, on the level whose stride fits its size.
  double prior = 0;
};

/// Task-aligned assignment. A cell is a candidate of a box when its centre lies in it; a box that
/// holds no centre (it is smaller than a cell) gets the nearest cells of the level that fits it. Of
/// a box's candidates the `cells_per_box` best learn it; a cell wanted by several boxes learns the
/// one that it fits best.
///
///   scores [A, classes], predicted [A] boxes in frame pixels, both of one view
Assignment assign_boxes(const std::vector<Cell>& cells, const ViewTruth& truth, const float* scores,
                        std::int64_t classes, const Box* predicted,
                        const AssignmentOptions& options);

}  // namespace preannotate
