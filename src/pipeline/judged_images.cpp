#include "judged_images.h"

#include <algorithm>
#include <cmath>

namespace preannotate {

Judged judged_images(const FittedHead& head, const LabelledFeatures& features, const Seed& seed,
                     double temperature) {
  const Link link = seed.task == "classify" ? Link::kSoftmax : Link::kSigmoid;
  const auto scores = probabilities(head.judged, link, temperature);
  Judged judged;
  for (size_t i = 0; i < head.images.size(); ++i) {
    if (scores[i].empty()) continue;  // in no fold: always trained on
    const size_t sample = features.samples[head.images[i]];
    judged.images.push_back(seed.dataset.samples[sample].image);
    judged.scores.push_back(scores[i]);
    judged.labels.push_back(seed.labels[sample]);
  }
  return judged;
}

std::vector<double> image_losses(const Judged& judged, const std::string& task) {
  constexpr double kLeast = 1e-15;
  std::vector<double> losses;
  for (size_t i = 0; i < judged.scores.size(); ++i) {
    const auto& scores = judged.scores[i];
    const auto& labels = judged.labels[i];
    double loss = 0;
    for (size_t c = 0; c < scores.size(); ++c) {
      const bool is = std::binary_search(labels.begin(), labels.end(), static_cast<int>(c));
      if (task == "classify" && !is) continue;
      loss -= std::log(std::max(is ? scores[c] : 1 - scores[c], kLeast));
    }
    losses.push_back(task == "classify" ? loss : loss / static_cast<double>(scores.size()));
  }
  return losses;
}

}  // namespace preannotate
