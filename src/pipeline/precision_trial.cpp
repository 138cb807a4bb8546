#include "precision_trial.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "preannotate/core/log.h"

namespace preannotate {

namespace {

constexpr size_t kMostImages = 300;

/// Images that are judged (indices into LabelledFeatures) and the fold of each, -1 for a hold-out.
struct JudgedImages {
  std::vector<size_t> images;
  std::vector<int> folds;
};

JudgedImages judged_images(const Division& division) {
  JudgedImages judged;
  const bool held_out = !division.held_out.empty();
  const auto& candidates = held_out ? division.held_out : division.train;
  for (size_t i = 0; i < candidates.size() && judged.images.size() < kMostImages; ++i) {
    if (!held_out && (division.folds.empty() || division.folds[i] < 0)) continue;
    judged.images.push_back(candidates[i]);
    judged.folds.push_back(held_out ? -1 : division.folds[i]);
  }
  return judged;
}

/// Heads by fold, each fitted without its fold's images; the head itself for a hold-out.
class Judges {
 public:
  Judges(const FittedHead& head, const LabelledFeatures& features, const Seed& seed,
         const Division& division, std::int64_t columns, int threads)
      : whole_(head.fit.head) {
    if (!division.held_out.empty()) return;
    HeadOptions options;
    options.lambdas = {head.fit.head.lambda};
    options.threads = threads;
    const int folds = 1 + *std::max_element(division.folds.begin(), division.folds.end());
    for (int fold = 0; fold < folds; ++fold) {
      std::vector<size_t> rest;
      for (size_t i = 0; i < division.train.size(); ++i) {
        if (division.folds[i] != fold) rest.push_back(division.train[i]);
      }
      of_fold_.push_back(fit_head(head_data(features, rest, seed, columns), {}, options).head);
    }
  }

  const LinearHead& of(int fold) const {
    return fold < 0 ? whole_ : of_fold_[static_cast<size_t>(fold)];
  }

 private:
  const LinearHead& whole_;
  std::vector<LinearHead> of_fold_;
};

bool same_labels(const torch::Tensor& left, const torch::Tensor& right, Link link) {
  if (link == Link::kSoftmax) {
    return left.argmax(1).item<std::int64_t>() == right.argmax(1).item<std::int64_t>();
  }
  return torch::equal(left > 0, right > 0);
}

}  // namespace

std::vector<PrecisionTrial> try_precisions(const Backbone& backbone, const FittedHead& head,
                                           const LabelledFeatures& features, const Seed& seed,
                                           const Division& division,
                                           const FeatureOptions& extraction) {
  std::vector<PrecisionTrial> trials;
  const auto judged = judged_images(division);
  if (judged.images.empty() || !backbone.compiled()) return trials;
  Dataset dataset = seed.dataset;
  dataset.samples.clear();
  for (const size_t image : judged.images) {
    dataset.samples.push_back(seed.dataset.samples[features.samples[image]]);
  }
  FeatureOptions plain = extraction;
  plain.views = {extraction.views.front()};
  plain.cache = nullptr;
  const auto columns = head.maps ? features.layout.total() : features.layout.embedding;
  const Link link = seed.task == "classify" ? Link::kSoftmax : Link::kSigmoid;
  const Judges judges(head, features, seed, division, columns, extraction.workers);
  for (const auto& usable : usable_precisions()) {
    if (usable.precision == backbone.precision()) continue;
    log_info("does " + std::string(precision_name(usable.precision)) +
             " keep the labels? A look at " + std::to_string(judged.images.size()) +
             " of the images");
    const Backbone other = backbone.with_precision(usable.precision);
    if (other.precision() != usable.precision) continue;  // too far from the network itself
    Problems seen_before;
    const auto found = extract_features(other, dataset, plain, seen_before);
    if (found.samples.size() != judged.images.size()) continue;  // files changed meanwhile
    size_t same = 0;
    for (size_t i = 0; i < judged.images.size(); ++i) {
      const auto row = [&](const torch::Tensor& all, size_t image) {
        return all[static_cast<std::int64_t>(image)].slice(0, 0, 1).slice(1, 0, columns);
      };
      const LinearHead& judge = judges.of(judged.folds[i]);
      same += same_labels(judge.logits(row(features.features, judged.images[i])),
                          judge.logits(row(found.features, i)), link);
    }
    PrecisionTrial trial{
        usable.precision, usable.instructions, "agreement", 0, judged.images.size(), false};
    trial.value = static_cast<double>(same) / static_cast<double>(trial.images);
    trial.passed = trial.value >= kLeastAgreement;
    trials.push_back(trial);
  }
  return trials;
}

Json trials_json(const std::vector<PrecisionTrial>& trials) {
  Json json = Json::array();
  for (const auto& trial : trials) {
    json.push_back({{"precision", precision_name(trial.precision)},
                    {"instructions", trial.instructions},
                    {trial.figure, trial.value},
                    {"images", trial.images},
                    {"passed", trial.passed}});
  }
  return json;
}

std::vector<Precision> passed(const std::vector<PrecisionTrial>& trials) {
  std::vector<Precision> precisions{Precision::kFp32};
  for (const auto& trial : trials) {
    if (trial.passed) precisions.push_back(trial.precision);
  }
  return precisions;
}

void log_trials(const std::vector<PrecisionTrial>& trials) {
  for (const auto& trial : trials) {
    char text[160];
    if (trial.figure == "agreement") {
      std::snprintf(text, sizeof text, "the labels of fp32 on %.1f %% of %zu images",
                    100 * trial.value, trial.images);
    } else {
      std::snprintf(text, sizeof text, "AP50 %+.4f against fp32 on %zu images", trial.value,
                    trial.images);
    }
    log_info(std::string(precision_name(trial.precision)) + " (" + trial.instructions +
             "): " + text + (trial.passed ? ", predict uses it" : ", predict keeps to fp32"));
  }
}

}  // namespace preannotate
