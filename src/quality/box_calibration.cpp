#include "preannotate/quality/box_calibration.h"

#include <algorithm>
#include <cmath>

#include "preannotate/quality/calibration.h"

namespace preannotate {
namespace {

/// Scores of 0 and 1 get the logit of this distance from them.
constexpr double kLeastScore = 1e-6;

double logit(double score) {
  const double p = std::clamp(score, kLeastScore, 1 - kLeastScore);
  return std::log(p / (1 - p));
}

long count_right(const std::vector<ScoredBox>& boxes) {
  return std::count_if(boxes.begin(), boxes.end(), [](const ScoredBox& box) { return box.right; });
}

/// Of right and wrong boxes, the fewer: what a map can be learned from.
size_t count_rarer(const std::vector<ScoredBox>& boxes) {
  const auto right = static_cast<size_t>(count_right(boxes));
  return std::min(right, boxes.size() - right);
}

/// Cross-entropy of sigmoid(slope * logit + offset) with Platt's targets: (right + 1) / (right + 2)
/// and 1 / (wrong + 2), which keep the map from being certain.
class PlattLoss {
 public:
  explicit PlattLoss(const std::vector<ScoredBox>& boxes) {
    const auto right = static_cast<double>(count_right(boxes));
    const double wrong = static_cast<double>(boxes.size()) - right;
    for (const auto& box : boxes) {
      logits_.push_back(logit(box.score));
      targets_.push_back(box.right ? (right + 1) / (right + 2) : 1 / (wrong + 2));
      mean_target_ += targets_.back() / static_cast<double>(boxes.size());
    }
  }

  double mean_target() const { return mean_target_; }

  double operator()(double slope, double offset) const {
    double sum = 0;
    for (size_t i = 0; i < logits_.size(); ++i) {
      const double z = slope * logits_[i] + offset;
      sum += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - targets_[i] * z;
    }
    return sum;
  }

  /// Newton's step of (slope, offset), with a ridge for the case that all scores are equal.
  std::pair<double, double> step(double slope, double offset) const {
    double gs = 0, go = 0, hss = 1e-9, hso = 0, hoo = 1e-9;
    for (size_t i = 0; i < logits_.size(); ++i) {
      const double p = sigmoid(slope * logits_[i] + offset);
      const double slack = p - targets_[i], weight = p * (1 - p);
      gs += slack * logits_[i];
      go += slack;
      hss += weight * logits_[i] * logits_[i];
      hso += weight * logits_[i];
      hoo += weight;
    }
    const double determinant = hss * hoo - hso * hso;
    return {(hso * go - hoo * gs) / determinant, (hso * gs - hss * go) / determinant};
  }

 private:
  std::vector<double> logits_, targets_;
  double mean_target_ = 0;
};

/// The loss is convex: Newton's method with halved steps finds its minimum, and where that has a
/// falling map, the best map that does not fall is the constant one.
ScoreMap fit_platt(const std::vector<ScoredBox>& boxes) {
  const PlattLoss loss(boxes);
  const double constant = std::log(loss.mean_target() / (1 - loss.mean_target()));
  double slope = 0, offset = constant, now = loss(slope, offset);
  for (int i = 0; i < 100; ++i) {
    auto [by_slope, by_offset] = loss.step(slope, offset);
    double next = loss(slope + by_slope, offset + by_offset);
    for (int halved = 0; next > now && halved < 40; ++halved) {
      by_slope /= 2, by_offset /= 2;
      next = loss(slope + by_slope, offset + by_offset);
    }
    if (!(next < now)) break;
    slope += by_slope, offset += by_offset, now = next;
  }
  ScoreMap map;
  map.method = "platt";
  map.slope = std::max(slope, 0.0);
  map.offset = slope > 0 ? offset : constant;
  return map;
}

/// Boxes in a row of scores that get one probability.
struct Pool {
  double boxes = 0, right = 0, scores = 0;
  double probability() const { return right / boxes; }
  double score() const { return scores / boxes; }

  void add(const Pool& other) {
    boxes += other.boxes, right += other.right, scores += other.scores;
  }
};

/// Pool adjacent violators; each pool then stands at its mean score (centred isotonic regression,
/// Oron and Flournoy 2017), so that scores within one stay in order.
ScoreMap fit_isotonic(std::vector<ScoredBox> boxes) {
  std::sort(boxes.begin(), boxes.end(),
            [](const ScoredBox& a, const ScoredBox& b) { return a.score < b.score; });
  std::vector<Pool> pools;
  for (size_t i = 0; i < boxes.size();) {
    Pool pool;
    for (const double score = boxes[i].score; i < boxes.size() && boxes[i].score == score; ++i) {
      pool.add({1, boxes[i].right ? 1.0 : 0.0, score});
    }
    while (!pools.empty() && pools.back().probability() >= pool.probability()) {
      pool.add(pools.back());
      pools.pop_back();
    }
    pools.push_back(pool);
  }
  ScoreMap map;
  map.method = "isotonic";
  for (const auto& pool : pools) map.steps.emplace_back(pool.score(), pool.probability());
  return map;
}

double between(const std::vector<std::pair<double, double>>& steps, double score) {
  const auto above =
      std::upper_bound(steps.begin(), steps.end(), score,
                       [](double value, const auto& step) { return value < step.first; });
  if (above == steps.begin()) return steps.front().second;
  if (above == steps.end()) return steps.back().second;
  const auto& [low, p_low] = *std::prev(above);
  const auto& [high, p_high] = *above;
  return std::lerp(p_low, p_high, (score - low) / (high - low));
}

}  // namespace

double ScoreMap::operator()(double score) const {
  if (method == "platt") return sigmoid(slope * logit(score) + offset);
  if (method == "isotonic" && !steps.empty()) return between(steps, score);
  return score;
}

ScoreMap fit_score_map(const std::vector<ScoredBox>& boxes, size_t least, size_t isotonic_from) {
  const size_t rarer = count_rarer(boxes);
  if (rarer == 0 || rarer < least) return {};
  return rarer < isotonic_from ? fit_platt(boxes) : fit_isotonic(boxes);
}

std::vector<ScoreMap> fit_score_maps(const std::vector<std::vector<ScoredBox>>& boxes, size_t own) {
  std::vector<ScoredBox> all;
  for (const auto& category : boxes) all.insert(all.end(), category.begin(), category.end());
  const ScoreMap common = fit_score_map(all);
  std::vector<ScoreMap> maps;
  for (const auto& category : boxes) {
    maps.push_back(count_rarer(category) >= own ? fit_score_map(category) : common);
  }
  return maps;
}

}  // namespace preannotate
