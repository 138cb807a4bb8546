#include "box_assignment.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace preannotate {

namespace {

// A box of this many strides is at home on a level: 32 px on stride 8, 128 px on stride 32.
constexpr float kStridesPerBox = 4;

struct Candidate {
  std::int64_t cell = 0;
  float fit = 0;  // how well the cell suits the box
  float iou = 0;  // of the predicted box
};

bool contains(const Box& box, const Cell& cell) {
  return cell.x > box.x1 && cell.x < box.x2 && cell.y > box.y1 && cell.y < box.y2;
}

/// Octaves between the box's size and what the level is made for.
float level_distance(const Box& box, const Cell& cell) {
  const float size = std::sqrt(std::max(box.width() * box.height(), 1.0f));
  return std::abs(std::log2(size / (kStridesPerBox * cell.stride)));
}

/// (0, 1]: 1 in the centre of a box whose size fits the level.
float prior_of(const Box& box, const Cell& cell) {
  const float dx = (cell.x - (box.x1 + box.x2) / 2) / std::max(box.width(), cell.stride);
  const float dy = (cell.y - (box.y1 + box.y2) / 2) / std::max(box.height(), cell.stride);
  const float octaves = level_distance(box, cell);
  return std::exp(-8 * (dx * dx + dy * dy) - octaves * octaves);
}

/// The cells around the centre of a box too small to hold one, on the level nearest to its size.
std::vector<std::int64_t> nearest_cells(const std::vector<Cell>& cells, const Box& box) {
  const float x = (box.x1 + box.x2) / 2, y = (box.y1 + box.y2) / 2;
  float best = 1e30f;
  for (const Cell& cell : cells) best = std::min(best, level_distance(box, cell));
  std::vector<std::int64_t> near;
  for (size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i];
    if (level_distance(box, cell) > best + 1e-3f) continue;
    if (std::abs(cell.x - x) < cell.stride && std::abs(cell.y - y) < cell.stride) {
      near.push_back(static_cast<std::int64_t>(i));
    }
  }
  return near;
}

std::vector<std::int64_t> candidate_cells(const std::vector<Cell>& cells, const Box& box) {
  std::vector<std::int64_t> inside;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (contains(box, cells[i])) inside.push_back(static_cast<std::int64_t>(i));
  }
  return inside.empty() ? nearest_cells(cells, box) : inside;
}

}  // namespace

Assignment assign_boxes(const std::vector<Cell>& cells, const ViewTruth& truth, const float* scores,
                        std::int64_t classes, const Box* predicted,
                        const AssignmentOptions& options) {
  std::vector<int> owner(cells.size(), -1);
  std::vector<float> owner_fit(cells.size(), 0), owner_quality(cells.size(), 0);
  const auto score_power = static_cast<float>(options.score_power);
  const auto iou_power = static_cast<float>(options.iou_power);
  const auto prior = static_cast<float>(options.prior);
  for (size_t b = 0; b < truth.boxes.size(); ++b) {
    const Box& box = truth.boxes[b];
    std::vector<Candidate> candidates;
    for (const std::int64_t cell : candidate_cells(cells, box)) {
      const float overlap = iou(predicted[cell], box);
      const float score = scores[cell * classes + truth.categories[b]];
      const float aligned = std::pow(score, score_power) * std::pow(overlap, iou_power);
      const float fit =
          prior * prior_of(box, cells[static_cast<size_t>(cell)]) + (1 - prior) * aligned;
      candidates.push_back({cell, fit, overlap});
    }
    const size_t kept =
        std::min(candidates.size(), static_cast<size_t>(std::max(1, options.cells_per_box)));
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<long>(kept),
                      candidates.end(), [](const Candidate& a, const Candidate& c) {
                        return a.fit > c.fit || (a.fit == c.fit && a.cell < c.cell);
                      });
    candidates.resize(kept);
    // TOOD: qualities are scaled so that the best cell of a box is asked for its best IoU.
    float most_fit = 1e-12f, best_iou = 0;
    for (const Candidate& c : candidates) {
      most_fit = std::max(most_fit, c.fit);
      best_iou = std::max(best_iou, c.iou);
    }
    // Early predictions overlap nothing; an object must be learned all the same.
    best_iou = std::max(best_iou, prior + (1 - prior) * 0.1f);
    for (const Candidate& c : candidates) {
      const auto cell = static_cast<size_t>(c.cell);
      if (owner[cell] >= 0 && owner_fit[cell] >= c.fit) continue;
      owner[cell] = static_cast<int>(b);
      owner_fit[cell] = c.fit;
      owner_quality[cell] = std::max(c.fit / most_fit * best_iou, 1e-3f);
    }
  }
  Assignment assignment;
  for (size_t cell = 0; cell < cells.size(); ++cell) {
    if (owner[cell] < 0) continue;
    assignment.cells.push_back(static_cast<std::int64_t>(cell));
    assignment.boxes.push_back(owner[cell]);
    assignment.quality.push_back(owner_quality[cell]);
  }
  return assignment;
}

}  // namespace preannotate
