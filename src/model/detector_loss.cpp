#include "detector_loss.h"

#include <torch/torch.h>

namespace preannotate {

namespace {

/// [R, 4] distances in strides at the cells in `rows` (cells of images one after another) -> boxes.
torch::Tensor boxes_of(const torch::Tensor& distances, const torch::Tensor& points) {
  const auto stride = points.slice(1, 2, 3);
  const auto centre = points.slice(1, 0, 2);
  return torch::cat(
      {centre - distances.slice(1, 0, 2) * stride, centre + distances.slice(1, 2, 4) * stride}, 1);
}

torch::Tensor points_tensor(const std::vector<Cell>& cells) {
  return torch::from_blob(const_cast<Cell*>(cells.data()),
                          {static_cast<std::int64_t>(cells.size()), 3}, torch::kFloat32);
}

/// What the whole batch should learn.
struct Targets {
  torch::Tensor quality;           // [N, A, C]: 0 but for the class of an assigned cell
  torch::Tensor ignored;           // [N, A] bool
  std::vector<std::int64_t> rows;  // n * A + cell of each assigned cell
  std::vector<float> row_quality;
  std::vector<Box> row_boxes;
  double sum = 0;  // of qualities
};

void mark_ignored(const std::vector<Cell>& cells, const std::vector<Box>& regions, bool* ignored) {
  for (const Box& region : regions) {
    for (size_t i = 0; i < cells.size(); ++i) {
      ignored[i] = ignored[i] || (cells[i].x > region.x1 && cells[i].x < region.x2 &&
                                  cells[i].y > region.y1 && cells[i].y < region.y2);
    }
  }
}

Targets targets_of(const CellPredictions& predictions, const std::vector<Cell>& cells,
                   const std::vector<ViewTruth>& truth, const AssignmentOptions& options) {
  torch::NoGradGuard no_gradients;
  const auto n = predictions.logits.size(0), a = predictions.logits.size(1),
             c = predictions.logits.size(2);
  const auto scores = predictions.logits.sigmoid().contiguous();
  const auto boxes =
      boxes_of(predictions.distances.reshape({n * a, 4}), points_tensor(cells).repeat({n, 1}))
          .contiguous();
  Targets targets;
  targets.quality = torch::zeros({n, a, c});
  targets.ignored = torch::zeros({n, a}, torch::kBool);
  float* quality = targets.quality.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < n; ++i) {
    const ViewTruth& view = truth[static_cast<size_t>(i)];
    const auto assigned =
        assign_boxes(cells, view, scores.const_data_ptr<float>() + i * a * c, c,
                     reinterpret_cast<const Box*>(boxes.const_data_ptr<float>()) + i * a, options);
    mark_ignored(cells, view.ignored, targets.ignored.mutable_data_ptr<bool>() + i * a);
    for (size_t k = 0; k < assigned.cells.size(); ++k) {
      const std::int64_t row = i * a + assigned.cells[k];
      const auto box = static_cast<size_t>(assigned.boxes[k]);
      quality[row * c + view.categories[box]] = assigned.quality[k];
      targets.rows.push_back(row);
      targets.row_quality.push_back(assigned.quality[k]);
      targets.row_boxes.push_back(view.boxes[box]);
      targets.sum += assigned.quality[k];
    }
  }
  return targets;
}

}  // namespace

torch::Tensor giou_loss(const torch::Tensor& predicted, const torch::Tensor& truth) {
  const auto area = [](const torch::Tensor& b) {
    return (b.select(1, 2) - b.select(1, 0)) * (b.select(1, 3) - b.select(1, 1));
  };
  const auto low = [](const torch::Tensor& b) { return b.slice(1, 0, 2); };
  const auto high = [](const torch::Tensor& b) { return b.slice(1, 2, 4); };
  const auto shared_sides =
      (torch::min(high(predicted), high(truth)) - torch::max(low(predicted), low(truth)))
          .clamp_min(0);
  const auto hull_sides =
      torch::max(high(predicted), high(truth)) - torch::min(low(predicted), low(truth));
  const auto shared = shared_sides.prod(1), hull = hull_sides.prod(1).clamp_min(1e-6);
  const auto joined = (area(predicted) + area(truth) - shared).clamp_min(1e-6);
  return 1 - (shared / joined - (hull - joined) / hull);
}

torch::Tensor detector_loss(const CellPredictions& predictions, const std::vector<Cell>& cells,
                            const std::vector<ViewTruth>& truth,
                            const DetectorLossOptions& options) {
  const auto targets = targets_of(predictions, cells, truth, options.assignment);
  const double norm = std::max(targets.sum, 1.0);
  const auto& q = targets.quality;
  const auto negative_weight =
      options.positive_share * predictions.logits.detach().sigmoid().pow(options.focus);
  auto weight = torch::where(q > 0, q, negative_weight);
  weight = weight.masked_fill(targets.ignored.unsqueeze(2) & (q == 0), 0);
  const auto classes = torch::binary_cross_entropy_with_logits(predictions.logits, q, weight, {},
                                                               at::Reduction::Sum);
  if (targets.rows.empty()) return classes / norm;

  const auto rows = torch::tensor(targets.rows);
  const auto a = static_cast<std::int64_t>(cells.size());
  const auto points = points_tensor(cells).index_select(0, rows.remainder(a));
  const auto distances = predictions.distances.reshape({-1, 4}).index_select(0, rows);
  const auto wanted =
      torch::from_blob(const_cast<Box*>(targets.row_boxes.data()), {rows.size(0), 4},
                       torch::kFloat32)
          .clone();  // backward() reads it after `targets` is gone
  const auto boxes = giou_loss(boxes_of(distances, points), wanted);
  return (classes + options.box_weight * (boxes * torch::tensor(targets.row_quality)).sum()) / norm;
}

}  // namespace preannotate
