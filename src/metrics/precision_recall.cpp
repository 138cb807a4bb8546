#include <algorithm>

#include "preannotate/metrics/detection.h"

namespace preannotate {
namespace {

struct Draft {
  double score;
  bool right;
};

long objects_of(const std::vector<DetectionImage>& images, int category) {
  long objects = 0;
  for (const auto& image : images) {
    for (const auto& truth : image.truth) objects += truth.category == category && !truth.crowd;
  }
  return objects;
}

}  // namespace

PrecisionRecall precision_recall(const std::vector<DetectionImage>& images, int category,
                                 double iou) {
  PrecisionRecall curve;
  const auto objects = static_cast<double>(objects_of(images, category));
  if (objects == 0) return curve;
  std::vector<Draft> drafts;
  for (const auto& match : match_boxes(images, iou)) {
    const auto& draft =
        images[static_cast<size_t>(match.image)].drafts[static_cast<size_t>(match.draft)];
    if (draft.category != category || match.ignored) continue;
    drafts.push_back({draft.score, match.truth >= 0});
  }
  std::sort(drafts.begin(), drafts.end(),
            [](const Draft& a, const Draft& b) { return a.score > b.score; });
  double right = 0;
  for (size_t i = 0; i < drafts.size();) {
    const double score = drafts[i].score;
    for (; i < drafts.size() && drafts[i].score == score; ++i) right += drafts[i].right;
    curve.score.push_back(score);
    curve.precision.push_back(right / static_cast<double>(i));
    curve.recall.push_back(right / objects);
  }
  return curve;
}

}  // namespace preannotate
