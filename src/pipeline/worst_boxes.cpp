#include <algorithm>
#include <cstddef>
#include <set>

#include "preannotate/pipeline/detection_figures.h"
#include "shown_boxes.h"

namespace preannotate {
namespace {

constexpr double kIou = 0.5;
constexpr float kSwapped = 0.7f, kNear = 0.1f;  // IoU; swapped as correction_effort has it

double best_score_near(const DetectionImage& image, const Box& box) {
  double best = 0;
  for (const auto& draft : image.drafts) {
    if (iou(draft.box, box) >= kNear) best = std::max(best, draft.score);
  }
  return best;
}

bool only_named_wrongly(const DetectionImage& shown, const TruthBox& truth) {
  return std::any_of(shown.drafts.begin(), shown.drafts.end(), [&](const DraftBox& draft) {
    return draft.category != truth.category && iou(draft.box, truth.box) >= kSwapped;
  });
}

/// Most telling first: by score, the larger box of equals; the best of each image.
std::vector<BoxMistake> most_telling(std::vector<BoxMistake> mistakes, size_t limit) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const auto& a, const auto& b) {
    return a.score != b.score ? a.score > b.score : a.box.area() > b.box.area();
  });
  std::vector<BoxMistake> kept;
  std::set<size_t> seen;
  for (const auto& mistake : mistakes) {
    if (kept.size() == limit) break;
    if (seen.insert(mistake.image).second) kept.push_back(mistake);
  }
  return kept;
}

}  // namespace

std::vector<DetectionImage> shown_boxes(std::vector<DetectionImage> images,
                                        const std::vector<double>& conf) {
  for (auto& image : images) {
    std::erase_if(image.drafts, [&](const DraftBox& draft) {
      return draft.outshone || draft.score < conf[static_cast<size_t>(draft.category)];
    });
  }
  return images;
}

std::vector<BoxMistake> worst_boxes(const JudgedBoxes& judged, const std::vector<double>& conf,
                                    size_t limit) {
  const auto shown = shown_boxes(judged.boxes, conf);
  std::vector<BoxMistake> missed, false_boxes;
  std::vector<std::set<int>> found(shown.size());
  for (const auto& match : match_boxes(shown, kIou)) {
    const auto image = static_cast<size_t>(match.image);
    const auto& draft = shown[image].drafts[static_cast<size_t>(match.draft)];
    if (match.truth >= 0) {
      found[image].insert(match.truth);
    } else if (!match.ignored) {
      false_boxes.push_back({image, false, draft.category, draft.score, draft.box});
    }
  }
  for (size_t i = 0; i < shown.size(); ++i) {
    for (size_t t = 0; t < shown[i].truth.size(); ++t) {
      const auto& truth = shown[i].truth[t];
      if (truth.crowd || found[i].contains(static_cast<int>(t))) continue;
      if (only_named_wrongly(shown[i], truth)) continue;  // that draft is a false box
      missed.push_back(
          {i, true, truth.category, 1 - best_score_near(judged.boxes[i], truth.box), truth.box});
    }
  }
  auto worst = most_telling(std::move(missed), limit);
  const auto more = most_telling(std::move(false_boxes), limit);
  worst.insert(worst.end(), more.begin(), more.end());
  return worst;
}

}  // namespace preannotate
