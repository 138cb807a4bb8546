#include "larger_side.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "judged_images.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"

namespace preannotate {

namespace {

constexpr size_t kMostImages = 150;
constexpr double kStandardErrors = 1.64;  // one-sided 95 %

/// The first images of each fold and first label in turn, so that the part keeps their shares;
/// positions in division.train.
std::vector<size_t> part_of(const Division& division, const LabelledFeatures& features,
                            const Seed& seed) {
  std::map<std::pair<int, int>, std::vector<size_t>> cells;
  for (size_t i = 0; i < division.train.size(); ++i) {
    if (division.folds[i] < 0) continue;
    const auto& labels = seed.labels[features.samples[division.train[i]]];
    cells[{labels.empty() ? -1 : labels[0], division.folds[i]}].push_back(i);
  }
  std::vector<size_t> part;
  for (size_t turn = 0; part.size() < kMostImages; ++turn) {
    const size_t before = part.size();
    for (const auto& [cell, images] : cells) {
      if (turn < images.size() && part.size() < kMostImages) part.push_back(images[turn]);
    }
    if (part.size() == before) break;
  }
  std::sort(part.begin(), part.end());
  return part;
}

struct Paired {
  double difference = 0, error = 0;  // mean, its standard error
};

Paired paired(const std::vector<double>& now, const std::vector<double>& then) {
  const auto n = static_cast<double>(now.size());
  double sum = 0, squares = 0;
  for (size_t i = 0; i < now.size(); ++i) {
    sum += now[i] - then[i];
    squares += (now[i] - then[i]) * (now[i] - then[i]);
  }
  const double mean = sum / n;
  return {mean, std::sqrt(std::max(squares / n - mean * mean, 0.0) / std::max(n - 1, 1.0))};
}

std::string advice(const PathPoint& now, const PathPoint& then, int side, size_t images) {
  char text[240];
  std::snprintf(text, sizeof text,
                "Try --imgsz %d: on %zu images the cross-validated log-loss is %.3f instead of "
                "%.3f, accuracy %.3f instead of %.3f, at about half the speed.",
                side, images, then.log_loss, now.log_loss, then.accuracy, now.accuracy);
  return text;
}

Json entry(const FittedHead& head, int side, size_t images) {
  Json json = choice_entry(head.fit, head.maps, side, false);
  json["images"] = images;
  return json;
}

}  // namespace

std::string try_larger_side(const Backbone& backbone, int side, const LabelledFeatures& features,
                            const Seed& seed, const Division& division, bool maps,
                            const FeatureOptions& extraction, bool cache, Json& tried) {
  if (division.folds.empty()) return "";
  const auto part = part_of(division, features, seed);
  Dataset dataset = seed.dataset;
  dataset.samples.clear();
  LabelledFeatures now;
  now.layout = features.layout;
  Division same;
  std::vector<int64_t> rows;
  for (const size_t i : part) {
    const size_t image = division.train[i];
    dataset.samples.push_back(seed.dataset.samples[features.samples[image]]);
    now.samples.push_back(features.samples[image]);
    now.sha256.push_back(features.sha256[image]);
    same.train.push_back(same.train.size());
    same.folds.push_back(division.folds[i]);
    rows.push_back(static_cast<int64_t>(image));
  }
  now.features =
      features.features.index_select(0, torch::tensor(rows, torch::kInt64)).slice(1, 0, 1);

  log_info("does " + std::to_string(side) + " px help? A look at " + std::to_string(part.size()) +
           " of the images");
  const Backbone larger = backbone.at_side(side);
  FeatureOptions plain = extraction;
  plain.views = {extraction.views.front()};
  const FeatureCache on_disk(cache ? cache_folder() / "features" : std::filesystem::path(),
                             cache_setting(larger, plain));
  plain.cache = cache ? &on_disk : nullptr;
  Problems seen_before;
  LabelledFeatures then = extract_features(larger, dataset, plain, seen_before);
  if (then.samples.size() != now.samples.size()) return "";  // files changed meanwhile
  then.samples = now.samples;

  const auto columns = maps ? features.layout.total() : features.layout.embedding;
  const FittedHead small = fit_on(now, seed, same, columns, maps, extraction.workers);
  const FittedHead large = fit_on(then, seed, same, columns, maps, extraction.workers);
  tried.push_back(entry(small, backbone.side(), part.size()));
  tried.push_back(entry(large, side, part.size()));
  const auto gain = paired(image_losses(judged_images(small, now, seed, 1), seed.task),
                           image_losses(judged_images(large, then, seed, 1), seed.task));
  if (gain.difference <= kStandardErrors * gain.error) return "";
  return advice(*best_point(small.fit), *best_point(large.fit), side, part.size());
}

}  // namespace preannotate
