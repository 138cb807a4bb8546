#include "preannotate/quality/box_issues.h"

#include <algorithm>
#include <cmath>

namespace preannotate {
namespace {

constexpr double kRightIou = 0.5;
constexpr double kTiny = 1e-100;  // keeps the logarithm of 0 finite

double similarity(const Box& a, const Box& b, const BoxIssueOptions& options) {
  const double x = (static_cast<double>(a.x1) + a.x2 - b.x1 - b.x2) / 2;
  const double y = (static_cast<double>(a.y1) + a.y2 - b.y1 - b.y2) / 2;
  return (1 - options.near_share) * static_cast<double>(iou(a, b)) +
         options.near_share * std::exp(-options.nearness * std::hypot(x, y));
}

double sure_of(int category, const BoxIssueOptions& options) {
  if (options.sure_of_class.empty()) return options.sure;
  return options.sure_of_class[static_cast<size_t>(category)];
}

/// Of any label and any draft of one image.
double least_similarity(const std::vector<DetectionImage>& images, const BoxIssueOptions& options) {
  double least = 1;
  for (const auto& image : images) {
    for (const auto& truth : image.truth) {
      if (truth.crowd) continue;
      for (const auto& draft : image.drafts) {
        const double value = similarity(truth.box, draft.box, options);
        if (value > 0) least = std::min(least, value);
      }
    }
  }
  return least;
}

bool touches_a_label(const DetectionImage& image, const Box& box) {
  return std::any_of(image.truth.begin(), image.truth.end(),
                     [&](const TruthBox& truth) { return iou(truth.box, box) > 0; });
}

double overlooked_score(const DetectionImage& image, const DraftBox& draft, double least,
                        const BoxIssueOptions& options) {
  if (draft.score < sure_of(draft.category, options) || touches_a_label(image, draft.box)) return 1;
  double nearest = -1;
  for (const auto& truth : image.truth) {
    if (truth.crowd || truth.category != draft.category) continue;
    nearest = std::max(nearest, similarity(truth.box, draft.box, options));
  }
  return nearest < 0 ? least * (1 - draft.score) : nearest;
}

/// The most similar draft of those that `counts` says count, -1: none does.
template <class Counts>
int most_similar(const DetectionImage& image, const Box& box, const BoxIssueOptions& options,
                 const Counts& counts) {
  int found = -1;
  double most = -1;
  for (size_t d = 0; d < image.drafts.size(); ++d) {
    if (!counts(image.drafts[d])) continue;
    const double value = similarity(box, image.drafts[d].box, options);
    if (value > most) most = value, found = static_cast<int>(d);
  }
  return found;
}

bool shares_its_place(const DetectionImage& image, const TruthBox& truth, double same_place) {
  return std::any_of(image.truth.begin(), image.truth.end(), [&](const TruthBox& other) {
    return !other.crowd && other.category != truth.category &&
           static_cast<double>(iou(other.box, truth.box)) >= same_place;
  });
}

void score_label(const DetectionImage& image, const TruthBox& truth, double least,
                 const BoxIssueOptions& options, BoxIssueScores& scores) {
  const auto similar = [&](int draft) {
    return similarity(truth.box, image.drafts[static_cast<size_t>(draft)].box, options);
  };
  const int located =
      truth.crowd ? -1 : most_similar(image, truth.box, options, [&](const DraftBox& draft) {
        return draft.category == truth.category && draft.score > options.likely &&
               iou(draft.box, truth.box) > 0;
      });
  const int swapped =
      truth.crowd ? -1 : most_similar(image, truth.box, options, [&](const DraftBox& draft) {
        return draft.category != truth.category && draft.score > sure_of(draft.category, options);
      });
  scores.located_by.push_back(located);
  scores.swapped_by.push_back(swapped);
  scores.badly_located.push_back(located < 0 ? 1 : similar(located));
  const bool twice = !truth.crowd && shares_its_place(image, truth, options.same_place);
  scores.swapped.push_back(twice ? least : swapped < 0 ? 1 : std::max(least, 1 - similar(swapped)));
}

/// Of the scores for which counts(i); 1 without any.
template <class Counts>
double soft_minimum(const std::vector<double>& scores, double temperature, const Counts& counts) {
  double lowest = 2, weights = 0, sum = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (counts(i)) lowest = std::min(lowest, scores[i]);
  }
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!counts(i)) continue;
    const double weight = std::exp((lowest - scores[i]) / temperature);
    weights += weight;
    sum += weight * scores[i];
  }
  return weights > 0 ? sum / weights : 1;
}

double image_score(const DetectionImage& image, const BoxIssueScores& scores,
                   const BoxIssueOptions& options) {
  const auto is_told = [&](size_t d) { return scores.overlooked[d] < 1; };
  const auto is_label = [&](size_t t) { return !image.truth[t].crowd; };
  double sum = 0;
  for (const double score : {soft_minimum(scores.overlooked, options.temperature, is_told),
                             soft_minimum(scores.badly_located, options.temperature, is_label),
                             soft_minimum(scores.swapped, options.temperature, is_label)}) {
    sum += std::log(kTiny + score) / 3;
  }
  return std::exp(sum);
}

}  // namespace

std::vector<BoxIssueScores> box_issue_scores(const std::vector<DetectionImage>& images,
                                             const BoxIssueOptions& options) {
  const double least = least_similarity(images, options);
  std::vector<BoxIssueScores> all;
  for (const auto& image : images) {
    BoxIssueScores scores;
    for (const auto& draft : image.drafts) {
      scores.overlooked.push_back(overlooked_score(image, draft, least, options));
    }
    for (const auto& truth : image.truth) score_label(image, truth, least, options, scores);
    scores.image = image_score(image, scores, options);
    all.push_back(std::move(scores));
  }
  return all;
}

std::vector<double> sure_scores(const std::vector<DetectionImage>& images, int classes) {
  std::vector<std::vector<double>> right(static_cast<size_t>(classes));
  for (const auto& match : match_boxes(images, kRightIou)) {
    if (match.truth < 0) continue;
    const auto& draft =
        images[static_cast<size_t>(match.image)].drafts[static_cast<size_t>(match.draft)];
    right[static_cast<size_t>(draft.category)].push_back(draft.score);
  }
  std::vector<double> sure;
  for (auto& scores : right) {
    std::sort(scores.begin(), scores.end());
    const double usual = BoxIssueOptions{}.sure;
    sure.push_back(scores.empty() ? usual : std::min(usual, scores[scores.size() / 2]));
  }
  return sure;
}

}  // namespace preannotate
