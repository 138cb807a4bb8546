#include "head_choice.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "preannotate/core/error.h"
#include "preannotate/data/split.h"
#include "preannotate/pipeline/figures.h"
#include "preannotate/quality/calibration.h"

namespace preannotate {

namespace {

std::vector<int> first_labels(const std::vector<std::vector<int>>& labels) {
  std::vector<int> first;
  for (const auto& l : labels) first.push_back(l.at(0));
  return first;
}

std::vector<int> folds_of(const LabelledFeatures& features, const Seed& seed,
                          const std::vector<size_t>& rows, int folds, std::uint64_t random_seed) {
  if (folds < 2) return {};
  const auto labels = labels_of(features, seed, rows);
  auto result = seed.task == "classify"
                    ? stratified_folds(first_labels(labels), folds, random_seed)
                    : multilabel_folds(labels, static_cast<int>(seed.dataset.categories.size()),
                                       folds, random_seed);
  std::map<std::string, int> fold_of_content;
  for (size_t i = 0; i < rows.size(); ++i) {
    result[i] = fold_of_content.emplace(features.sha256[rows[i]], result[i]).first->second;
    if (seed.is_rejected(features.samples[rows[i]])) result[i] = -1;
  }
  const bool any = std::any_of(result.begin(), result.end(), [](int fold) { return fold >= 0; });
  return any ? result : std::vector<int>{};
}

/// Held out or not; copies of one image stay together.
std::vector<bool> held_out(const LabelledFeatures& features, const Seed& seed, double val,
                           std::uint64_t random_seed) {
  std::vector<size_t> all(features.samples.size());
  std::iota(all.begin(), all.end(), size_t{0});
  const auto labels = labels_of(features, seed, all);
  std::vector<bool> held;
  if (seed.task == "classify") {
    held = stratified_holdout(first_labels(labels), val, random_seed);
  } else {
    const int parts = std::max(2, static_cast<int>(std::lround(1 / val)));
    for (const int fold : multilabel_folds(labels, static_cast<int>(seed.dataset.categories.size()),
                                           parts, random_seed)) {
      held.push_back(fold == 0);
    }
  }
  std::map<std::string, bool> held_content;
  for (size_t i = 0; i < all.size(); ++i) {
    held[i] = held_content.emplace(features.sha256[i], held[i]).first->second;
    if (seed.is_rejected(features.samples[i])) held[i] = false;
  }
  return held;
}

}  // namespace

double calibrate(const torch::Tensor& logits, const std::vector<std::vector<int>>& labels,
                 size_t classes, Link link) {
  std::vector<std::vector<double>> kept;
  std::vector<std::vector<int>> truth;
  const auto rows = rows_of(logits);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].empty()) continue;
    kept.push_back(rows[i]);
    truth.push_back(labels[i]);
  }
  return link == Link::kSoftmax ? fit_temperature(kept, first_labels(truth))
                                : fit_binary_temperature(kept, label_matrix(truth, classes));
}

Division divide(const LabelledFeatures& features, const Seed& seed, double val, int folds,
                std::uint64_t random_seed) {
  Division division;
  const size_t n = features.samples.size();
  if (val > 0) {
    const auto held = held_out(features, seed, val, random_seed);
    for (size_t i = 0; i < n; ++i) (held[i] ? division.held_out : division.train).push_back(i);
    if (!division.held_out.empty()) {
      division.method =
          "hold-out " + std::to_string(static_cast<int>(std::lround(val * 100))) + " %";
    }
  } else {
    division.train.resize(n);
    std::iota(division.train.begin(), division.train.end(), size_t{0});
  }
  division.folds =
      folds_of(features, seed, division.train, val > 0 && folds < 2 ? 5 : folds, random_seed);
  if (val <= 0 && !division.folds.empty()) {
    const int last = *std::max_element(division.folds.begin(), division.folds.end());
    division.method = std::to_string(last + 1) + "-fold out-of-fold";
  }
  if (division.method.empty()) {
    division.no_estimate_reason = folds < 2 && val <= 0
                                      ? "validation was switched off (--folds 0)"
                                      : "no class has two images, so none can be held out";
  }
  return division;
}

FittedHead fit_on(const LabelledFeatures& features, const Seed& seed, const Division& division,
                  std::int64_t columns, bool maps, int threads, const EarlierHead* earlier,
                  const std::vector<double>& lambdas) {
  const HeadData data = head_data(features, division.train, seed, columns);
  HeadOptions options;
  options.threads = threads;
  options.lambdas = lambdas;
  if (earlier) {
    options.prior = HeadPrior{earlier->head, {}};
    for (const size_t image : division.train) {
      options.prior->known.push_back(earlier->known[features.samples[image]]);
    }
  }
  FittedHead fitted;
  fitted.maps = maps;
  fitted.pulled = earlier != nullptr;
  fitted.fit = fit_head(data, division.folds, options);
  if (!division.folds.empty()) {
    fitted.temperature =
        calibrate(fitted.fit.out_of_fold, labels_of(features, seed, division.train),
                  seed.dataset.categories.size(), data.link);
  }
  if (!division.held_out.empty()) {
    fitted.images = division.held_out;
    fitted.judged = fitted.fit.head.logits(
        head_data(features, division.held_out, seed, columns)
            .features.slice(0, 0, std::nullopt, features.features.size(1)));  // plain views
  } else if (!division.folds.empty()) {
    fitted.images = division.train;
    fitted.judged = fitted.fit.out_of_fold;
  }
  return fitted;
}

const PathPoint* best_point(const HeadFit& fit) {
  for (const auto& point : fit.path) {
    if (point.lambda == fit.head.lambda) return &point;
  }
  return nullptr;
}

Json choice_entry(const HeadFit& fit, bool maps, int side, bool chosen) {
  Json entry{{"features", maps ? "embedding+maps" : "embedding"}, {"imgsz", side}};
  if (const auto* point = best_point(fit)) {
    entry["log_loss"] = point->log_loss;
    entry["accuracy"] = point->accuracy;
  }
  entry["chosen"] = chosen;
  return entry;
}

namespace {

/// With the maps or without them.
FittedHead choose_features(const LabelledFeatures& features, const Seed& seed,
                           const Division& division, const FeatureLayout& layout,
                           const std::string& wanted, int side, int threads, Json& tried) {
  if (wanted == "embedding+maps" && layout.maps.empty()) {
    throw UserError(kUsageError,
                    "--features embedding+maps: this backbone returns no stride-16 and stride-32 "
                    "maps; use --features embedding");
  }
  const auto fit = [&](bool maps) {
    return fit_on(features, seed, division, maps ? layout.total() : layout.embedding, maps,
                  threads);
  };
  const bool both = wanted == "auto" && !layout.maps.empty() && !division.folds.empty();
  if (!both) {
    FittedHead only = fit(wanted == "embedding+maps");
    tried.push_back(choice_entry(only.fit, only.maps, side, true));
    return only;
  }
  FittedHead plain = fit(false), with_maps = fit(true);
  const bool maps = best_point(with_maps.fit)->log_loss < best_point(plain.fit)->log_loss;
  tried.push_back(choice_entry(plain.fit, false, side, !maps));
  tried.push_back(choice_entry(with_maps.fit, true, side, maps));
  return maps ? std::move(with_maps) : std::move(plain);
}

}  // namespace

FittedHead choose_head(const LabelledFeatures& features, const Seed& seed, const Division& division,
                       const FeatureLayout& layout, const std::string& wanted, int side,
                       int threads, Json& tried, const EarlierHead* earlier) {
  FittedHead fresh =
      choose_features(features, seed, division, layout, wanted, side, threads, tried);
  if (!earlier) return fresh;
  const auto columns = earlier->maps ? layout.total() : layout.embedding;
  FittedHead pulled = fit_on(features, seed, division, columns, earlier->maps, threads, earlier);
  const PathPoint *its = best_point(pulled.fit), *other = best_point(fresh.fit);
  const bool better = !its || !other || its->log_loss <= other->log_loss;
  tried.push_back(choice_entry(pulled.fit, pulled.maps, side, better));
  tried.back()["pulled"] = true;
  if (!better) {
    fresh.fit.prior_out_of_fold = pulled.fit.prior_out_of_fold;
    return fresh;
  }
  for (auto& entry : tried) entry["chosen"] = entry.contains("pulled");
  return pulled;
}

}  // namespace preannotate
