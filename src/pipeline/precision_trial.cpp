#include "precision_trial.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "preannotate/core/log.h"
#include "precision_speed.h"

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

/// What the trials of one seed have in common.
class Trials {
 public:
  Trials(const Backbone& backbone, const FittedHead& head, const LabelledFeatures& features,
         const Seed& seed, const Division& division, const FeatureOptions& extraction)
      : backbone_(backbone),
        features_(features),
        seed_(seed),
        extraction_(extraction),
        columns_(head.maps ? features.layout.total() : features.layout.embedding),
        judged_(judged_images(division)),
        judges_(head, features, seed, division, columns_, extraction.workers) {
    extraction_.views = {extraction.views.front()};
    extraction_.cache = nullptr;
  }

  const JudgedImages& judged() const { return judged_; }

  /// The activations on images spread over those that are not held out.
  ActivationRanges observed(const Division& division) const {
    std::vector<size_t> images;
    const size_t count = std::min(kCalibrationImages, division.train.size());
    for (size_t i = 0; i < count; ++i) {
      images.push_back(division.train[i * division.train.size() / count]);
    }
    ActivationRanges ranges;
    extracted(backbone_.observing(ranges), images);
    return ranges;
  }

  /// Images that keep the labels of fp32; nothing when files changed meanwhile.
  std::optional<size_t> alike(const Backbone& other) const {
    const auto found = extracted(other, judged_.images);
    if (found.samples.size() != judged_.images.size()) return std::nullopt;
    const Link link = seed_.task == "classify" ? Link::kSoftmax : Link::kSigmoid;
    const auto row = [&](const torch::Tensor& all, size_t image) {
      return all[static_cast<std::int64_t>(image)].slice(0, 0, 1).slice(1, 0, columns_);
    };
    size_t same = 0;
    for (size_t i = 0; i < judged_.images.size(); ++i) {
      const LinearHead& judge = judges_.of(judged_.folds[i]);
      same += same_labels(judge.logits(row(features_.features, judged_.images[i])),
                          judge.logits(row(found.features, i)), link);
    }
    return same;
  }

 private:
  LabelledFeatures extracted(const Backbone& backbone, const std::vector<size_t>& images) const {
    Dataset dataset = seed_.dataset;
    dataset.samples.clear();
    for (const size_t image : images) {
      dataset.samples.push_back(seed_.dataset.samples[features_.samples[image]]);
    }
    Problems seen_before;
    return extract_features(backbone, dataset, extraction_, seen_before);
  }

  const Backbone& backbone_;
  const LabelledFeatures& features_;
  const Seed& seed_;
  FeatureOptions extraction_;
  const std::int64_t columns_;
  const JudgedImages judged_;
  const Judges judges_;
};

}  // namespace

void try_each(const Backbone& backbone, FrameSize size, const TryPrecision& attempt,
              PrecisionTrials& found) {
  for (const auto& usable : usable_precisions()) {
    if (usable.precision == backbone.precision()) continue;
    const Backbone other = backbone.with_precision(usable.precision, found.ranges);
    if (other.precision() != usable.precision) continue;  // too far from the network itself
    PrecisionTrial trial;
    trial.precision = usable.precision;
    trial.instructions = usable.instructions;
    if (!attempt(other, trial)) continue;
    const auto fastest = fastest_passes({&backbone, &other}, size);
    trial.speed = fastest[0] / fastest[1];
    found.trials.push_back(trial);
  }
}

PrecisionTrials try_precisions(const Backbone& backbone, const FittedHead& head,
                               const LabelledFeatures& features, const Seed& seed,
                               const Division& division, const FeatureOptions& extraction) {
  PrecisionTrials found;
  if (!backbone.compiled() || judged_images(division).images.empty()) return found;
  const Trials trials(backbone, head, features, seed, division, extraction);
  const size_t images = trials.judged().images.size();
  log_info("do other precisions keep the labels? A look at " + std::to_string(images) +
           " of the images");
  found.ranges = trials.observed(division);
  const auto attempt = [&](const Backbone& other, PrecisionTrial& trial) {
    const auto same = trials.alike(other);
    if (!same) return false;
    trial.figure = "agreement";
    trial.images = images;
    trial.value = static_cast<double>(*same) / static_cast<double>(images);
    trial.passed = trial.value >= kLeastAgreement;
    return true;
  };
  try_each(backbone, {backbone.side(), backbone.side()}, attempt, found);
  return found;
}

Json trials_json(const std::vector<PrecisionTrial>& trials) {
  Json json = Json::array();
  for (const auto& trial : trials) {
    json.push_back({{"precision", precision_name(trial.precision)},
                    {"instructions", trial.instructions},
                    {trial.figure, trial.value},
                    {"images", trial.images},
                    {"speed", trial.speed},
                    {"passed", trial.passed}});
  }
  return json;
}

std::vector<Precision> passed(const std::vector<PrecisionTrial>& trials) {
  constexpr double kWorthIt = 1.05;  // times as fast as a plainer one
  std::vector<Precision> precisions{Precision::kFp32};
  double speed = 1;
  for (const auto& trial : trials) {  // from plain to coarse
    if (!trial.passed || trial.speed < kWorthIt * speed) continue;
    precisions.push_back(trial.precision);
    speed = trial.speed;
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
    char speed[40];
    std::snprintf(speed, sizeof speed, ", %.1f times as fast", trial.speed);
    log_info(std::string(precision_name(trial.precision)) + " (" + trial.instructions +
             "): " + text + speed + (trial.passed ? "" : ": not for predict"));
  }
  if (!trials.empty()) {
    log_info("predict uses " + std::string(precision_name(passed(trials).back())));
  }
}

}  // namespace preannotate
