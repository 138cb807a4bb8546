#include "scores_json.h"

#include <nlohmann/json.hpp>

#include "preannotate/quality/label_issues.h"

namespace preannotate {

namespace {

Json corners(const Box& box) {
  return {box.x1, box.y1, box.x2, box.y2};
}

}  // namespace

Json scores_json(const Seed& seed, const LabelScores& scores) {
  std::vector<int> labels;  // -1 where there are several: each class is judged by itself
  for (const size_t sample : scores.samples) {
    labels.push_back(seed.task == "classify" ? seed.labels[sample].at(0) : -1);
  }
  const auto issues =
      find_label_issues(scores.scores, labels, static_cast<int>(seed.dataset.categories.size()),
                        scores.clean ? Ranking::kSelfConfidence : Ranking::kMargin);
  Json images = Json::array();
  for (size_t i = 0; i < scores.samples.size(); ++i) {
    const size_t sample = scores.samples[i];
    Json image{{"image", seed.dataset.samples[sample].image},
               {"labels", seed.labels[sample]},
               {"scores", scores.scores[i]}};
    if (labels[i] >= 0) {
      image["score"] = issues.score[i];
      image["flagged"] = static_cast<bool>(issues.flagged[i]);
    }
    images.push_back(std::move(image));
  }
  return {{"classes", seed.dataset.categories}, {"images", images}};
}

Json scores_json(const Seed& seed, const BoxScores& judged,
                 const std::vector<BoxIssueScores>& scores) {
  Json images = Json::array();
  for (size_t i = 0; i < judged.samples.size(); ++i) {
    Json truth = Json::array(), drafts = Json::array();
    for (size_t t = 0; t < judged.boxes[i].truth.size(); ++t) {
      const auto& box = judged.boxes[i].truth[t];
      truth.push_back({{"category", box.category},
                       {"bbox", corners(box.box)},
                       {"crowd", box.crowd},
                       {"badly_located", scores[i].badly_located[t]},
                       {"swapped", scores[i].swapped[t]}});
    }
    for (size_t d = 0; d < judged.boxes[i].drafts.size(); ++d) {
      const auto& box = judged.boxes[i].drafts[d];
      drafts.push_back({{"category", box.category},
                        {"bbox", corners(box.box)},
                        {"score", box.score},
                        {"overlooked", scores[i].overlooked[d]}});
    }
    images.push_back({{"image", seed.dataset.samples[judged.samples[i]].image},
                      {"score", scores[i].image},
                      {"truth", truth},
                      {"drafts", drafts}});
  }
  return {{"classes", seed.dataset.categories}, {"images", images}};
}

}  // namespace preannotate
