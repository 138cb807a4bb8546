#include "loop_model.h"

#include <algorithm>
#include <cmath>

#include "head_choice.h"

namespace preannotate {
namespace {

constexpr int kFolds = 5;
constexpr size_t kFewLabels = 250;    // up to here the features are chosen anew
constexpr double kLambdaStep = 1.65;  // as between two of fit_head's own

/// fit_head's own penalties until one is known, then those within three steps of it.
std::vector<double> penalties_near(double lambda) {
  std::vector<double> near;
  if (lambda <= 0) return near;
  for (int step = -3; step <= 3; ++step) near.push_back(lambda * std::pow(kLambdaStep, step));
  return near;
}

LabelledFeatures part_of(const LabelledFeatures& features, const std::vector<int>& answers) {
  LabelledFeatures part;
  part.layout = features.layout;
  std::vector<int64_t> rows;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i] < 0) continue;
    rows.push_back(static_cast<int64_t>(i));
    part.samples.push_back(features.samples[i]);
    part.sha256.push_back(features.sha256[i]);
  }
  part.features = features.features.index_select(0, torch::tensor(rows, torch::kInt64));
  return part;
}

}  // namespace

LoopModel::LoopModel(const LabelledFeatures& features, int threads, std::uint64_t seed)
    : features_(features), threads_(threads), seed_(seed) {}

RoundScores LoopModel::train(const Seed& seed, const std::vector<int>& answers) {
  Seed answered = seed;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i] >= 0) answered.labels[features_.samples[i]] = {answers[i]};
  }
  const LabelledFeatures part = part_of(features_, answers);
  const Division division = divide(part, answered, 0, kFolds, seed_);
  const auto& layout = features_.layout;
  const auto fit = [&](bool maps) {
    return fit_on(part, answered, division, maps ? layout.total() : layout.embedding, maps,
                  threads_, nullptr, penalties_near(lambda_));
  };
  FittedHead head;
  if (part.samples.size() <= kFewLabels && !layout.maps.empty() && !division.folds.empty()) {
    FittedHead plain = fit(false), with_maps = fit(true);
    maps_ = best_point(with_maps.fit)->log_loss < best_point(plain.fit)->log_loss;
    head = maps_ ? std::move(with_maps) : std::move(plain);
  } else {
    head = fit(maps_);
  }
  if (!division.folds.empty()) lambda_ = head.fit.head.lambda;

  RoundScores scores;
  const auto columns = maps_ ? layout.total() : layout.embedding;
  const auto plain = features_.features.select(1, 0).slice(1, 0, columns);
  scores.all = probabilities(head.fit.head.logits(plain), Link::kSoftmax, head.temperature);
  scores.out_of_fold.resize(answers.size());
  if (!head.judged.defined()) return scores;
  auto judged = probabilities(head.judged, Link::kSoftmax, head.temperature);
  for (size_t i = 0, row = 0; i < answers.size(); ++i) {
    if (answers[i] >= 0) scores.out_of_fold[i] = std::move(judged[row++]);
  }
  return scores;
}

}  // namespace preannotate
