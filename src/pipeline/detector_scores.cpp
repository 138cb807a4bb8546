#include "detector_scores.h"

namespace preannotate {

namespace {

// IoU from which a draft counts as right when scores are calibrated.
constexpr double kRightIou = 0.5;

}  // namespace

std::vector<ScoreMap> fit_box_maps(const std::vector<DetectionImage>& boxes, size_t classes) {
  std::vector<std::vector<ScoredBox>> scored(classes);
  for (const auto& match : match_boxes(boxes, kRightIou)) {
    if (match.ignored) continue;
    const auto& draft =
        boxes[static_cast<size_t>(match.image)].drafts[static_cast<size_t>(match.draft)];
    scored[static_cast<size_t>(draft.category)].push_back({draft.score, match.truth >= 0});
  }
  return fit_score_maps(scored);
}

std::vector<DetectionImage> calibrated(std::vector<DetectionImage> boxes,
                                       const std::vector<ScoreMap>& maps) {
  for (auto& image : boxes) {
    for (auto& draft : image.drafts) {
      draft.score = maps[static_cast<size_t>(draft.category)](draft.score);
    }
  }
  return boxes;
}

std::vector<DetectionImage> cross_calibrated(const std::vector<DetectionImage>& boxes,
                                             size_t classes) {
  std::vector<DetectionImage> halves[2];
  for (size_t i = 0; i < boxes.size(); ++i) halves[i % 2].push_back(boxes[i]);
  const std::vector<ScoreMap> maps[2] = {fit_box_maps(halves[0], classes),
                                         fit_box_maps(halves[1], classes)};
  std::vector<DetectionImage> all;
  for (size_t i = 0; i < boxes.size(); ++i) {
    all.push_back(calibrated({boxes[i]}, maps[1 - i % 2]).front());
  }
  return all;
}

}  // namespace preannotate
