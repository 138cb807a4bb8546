#include "preannotate/ops/merge_boxes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <stdexcept>
#include <utility>

namespace preannotate {
namespace {

/// Rows of each group that take part, in input order.
std::map<std::int64_t, std::vector<std::int64_t>> rows_by_group(const ScoredBoxes& in) {
  if (in.scores.size() != in.boxes.size() || in.groups.size() != in.boxes.size()) {
    throw std::invalid_argument("merge_boxes: as many scores and groups as boxes are needed");
  }
  std::map<std::int64_t, std::vector<std::int64_t>> rows;
  for (std::size_t i = 0; i < in.boxes.size(); ++i) {
    if (in.scores[i] > 0) rows[in.groups[i]].push_back(static_cast<std::int64_t>(i));
  }
  return rows;
}

struct ScoredRow {
  float score;
  std::int64_t row;
};

bool better(const ScoredRow& a, const ScoredRow& b) {
  return a.score != b.score ? a.score > b.score : a.row < b.row;
}

/// Corners weighted by scores, as sums, so that members can join one by one.
struct Cluster {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0, weight = 0;
  FusedBox fused;

  void join(const Box& box, float score) {
    const double w = score;
    x1 += w * box.x1, y1 += w * box.y1, x2 += w * box.x2, y2 += w * box.y2, weight += w;
    ++fused.members;
    fused.box = {static_cast<float>(x1 / weight), static_cast<float>(y1 / weight),
                 static_cast<float>(x2 / weight), static_cast<float>(y2 / weight)};
    fused.score = static_cast<float>(weight / static_cast<double>(fused.members));
    fused.best_score = std::max(fused.best_score, score);
  }
};

/// Takes the best of one group again and again and lowers the scores of what it overlaps; those
/// that fall below the floor go.
void take_softly(std::vector<ScoredRow> left, std::span<const Box> boxes, float sigma, float floor,
                 std::vector<ScoredRow>& taken) {
  const auto is_below = [floor](const ScoredRow& r) { return r.score < floor; };
  std::erase_if(left, is_below);
  if (left.empty()) return;
  auto best = std::min_element(left.begin(), left.end(), better);
  while (true) {
    const ScoredRow now = *best;
    const Box& box = boxes[static_cast<std::size_t>(now.row)];
    taken.push_back(now);
    *best = left.back();
    left.pop_back();
    // One pass lowers, drops and finds the next best.
    auto end = left.begin();
    best = left.begin();
    for (ScoredRow other : left) {
      const float overlap = iou(box, boxes[static_cast<std::size_t>(other.row)]);
      if (overlap > 0) other.score *= std::exp(-overlap * overlap / sigma);
      if (is_below(other)) continue;
      *end = other;
      if (better(other, *best)) best = end;
      ++end;
    }
    left.erase(end, left.end());
    if (left.empty()) return;
  }
}

}  // namespace

DecayedRows soft_nms(const ScoredBoxes& in, float sigma, float floor) {
  if (!(sigma > 0)) throw std::invalid_argument("soft_nms: sigma must be above 0");
  std::vector<ScoredRow> taken;
  for (const auto& [group, rows] : rows_by_group(in)) {
    std::vector<ScoredRow> left;
    for (const auto row : rows) left.push_back({in.scores[row], row});
    take_softly(std::move(left), in.boxes, sigma, floor, taken);
  }
  std::sort(taken.begin(), taken.end(), better);
  DecayedRows out;
  for (const auto& [score, row] : taken) {
    out.rows.push_back(row);
    out.scores.push_back(score);
  }
  return out;
}

std::vector<FusedBox> weighted_box_fusion(const ScoredBoxes& in, float iou_threshold) {
  std::vector<FusedBox> out;
  for (auto& [group, rows] : rows_by_group(in)) {
    std::vector<std::int64_t> best_first = rows;
    std::stable_sort(best_first.begin(), best_first.end(),
                     [&](auto a, auto b) { return in.scores[a] > in.scores[b]; });
    std::vector<Cluster> clusters;
    for (const auto row : best_first) {
      Cluster* nearest = nullptr;
      float highest = iou_threshold;
      for (auto& cluster : clusters) {
        const float overlap = iou(cluster.fused.box, in.boxes[row]);
        if (overlap > highest) nearest = &cluster, highest = overlap;
      }
      if (!nearest) nearest = &clusters.emplace_back();
      nearest->fused.group = group;
      nearest->join(in.boxes[row], in.scores[row]);
    }
    for (const auto& cluster : clusters) out.push_back(cluster.fused);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const FusedBox& a, const FusedBox& b) { return a.score > b.score; });
  return out;
}

}  // namespace preannotate
