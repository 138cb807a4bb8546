#include <algorithm>
#include <cmath>

#include "preannotate/metrics/detection.h"

namespace preannotate {
namespace {

/// Sum over the bins of |scores - what they should be|; divided by the drafts it is the error.
class ScoreBins {
 public:
  explicit ScoreBins(int bins) : gap_(static_cast<size_t>(bins), 0.0) {}

  void add(double score, double wanted) {
    const double last = static_cast<double>(gap_.size()) - 1;
    const double bin = std::floor(score * static_cast<double>(gap_.size()));
    gap_[static_cast<size_t>(std::clamp(bin, 0.0, last))] += score - wanted;  // 1 in the last
    ++drafts_;
  }
  bool empty() const { return drafts_ == 0; }
  double error() const {
    double sum = 0;
    for (const double gap : gap_) sum += std::abs(gap);
    return empty() ? -1 : sum / static_cast<double>(drafts_);
  }

 private:
  std::vector<double> gap_;
  long drafts_ = 0;
};

const DraftBox& draft_of(const std::vector<DetectionImage>& images, const BoxMatch& match) {
  return images[static_cast<size_t>(match.image)].drafts[static_cast<size_t>(match.draft)];
}

}  // namespace

double detection_calibration_error(const std::vector<DetectionImage>& images, double iou,
                                   int bins) {
  ScoreBins all(bins);
  for (const auto& match : match_boxes(images, iou)) {
    if (!match.ignored) all.add(draft_of(images, match).score, match.truth >= 0 ? 1 : 0);
  }
  return all.error();
}

double localisation_calibration_error(const std::vector<DetectionImage>& images, int classes,
                                      double iou, int bins) {
  std::vector<ScoreBins> categories(static_cast<size_t>(classes), ScoreBins(bins));
  for (const auto& match : match_boxes(images, iou)) {
    const auto& draft = draft_of(images, match);
    if (match.ignored) continue;
    categories[static_cast<size_t>(draft.category)].add(draft.score,
                                                        match.truth >= 0 ? match.iou : 0);
  }
  double sum = 0, counted = 0;
  for (const auto& category : categories) {
    if (category.empty()) continue;
    sum += category.error();
    ++counted;
  }
  return counted > 0 ? sum / counted : -1;
}

}  // namespace preannotate
