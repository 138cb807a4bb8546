#include "preannotate/quality/thresholds.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "clopper_pearson.h"
#include "preannotate/core/random.h"
#include "trust_model.h"

namespace preannotate {
namespace {

/// Standard errors by which the mean probability of the accepted is to exceed the target: with 250
/// drafts of a simulated calibrated head the precision of 800 others then fell short of 0.95 by
/// more than chance in 2 of 100 draws, of a head whose logits are a quarter too large in 5.
constexpr double kMargin = 1.3;
constexpr double kScoreSteps = 1e4;  // as finely as the ledger writes scores
constexpr size_t kLevels = 400;      // numbers of accepted drafts that are tried

/// Scores for a target, and the highest target that would accept anything.
struct Choice {
  AcceptScores scores;
  double reachable = 0;
};

/// Most trusted first.
std::vector<JudgedDraft> by_trust(const std::vector<JudgedDraft>& drafts, const TrustModel& model) {
  std::vector<std::pair<double, size_t>> order;
  for (size_t i = 0; i < drafts.size(); ++i) {
    order.emplace_back(-model.probability(drafts[i].category, drafts[i].score), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<JudgedDraft> sorted;
  for (const auto& [trust, i] : order) sorted.push_back(drafts[i]);
  return sorted;
}

std::optional<double> rounded_score(double score) {
  if (score > 1) return std::nullopt;
  return std::floor(score * kScoreSteps) / kScoreSteps;
}

Choice choose(const std::vector<JudgedDraft>& drafts, int categories, double precision) {
  Choice choice;
  choice.scores.assign(static_cast<size_t>(categories), std::nullopt);
  if (drafts.empty()) return choice;
  const TrustModel model(drafts, categories);
  const auto sorted = by_trust(drafts, model);
  const size_t step = std::max<size_t>(1, sorted.size() / kLevels);
  size_t most = 0;
  TrustModel::Mean mean(model);
  for (size_t n = 1; n <= sorted.size(); ++n) {
    mean.add(sorted[n - 1]);
    if (n % step != 0) continue;
    const double sure = mean.value() - kMargin * mean.error();
    choice.reachable = std::max(choice.reachable, sure);
    if (sure >= precision) most = n;
  }
  if (most == 0) return choice;
  const auto& last = sorted[most - 1];
  const double least = model.probability(last.category, last.score);
  for (int c = 0; c < categories; ++c) {
    choice.scores[static_cast<size_t>(c)] = rounded_score(model.score_at(c, least));
  }
  return choice;
}

/// [drafts] the fold of each: images are dealt in the order of their wrong drafts and categories,
/// so that folds are alike.
std::vector<int> dealt(const std::vector<JudgedDraft>& drafts, int folds, std::uint64_t seed) {
  struct Image {
    int image, wrong, category;
  };
  std::map<int, Image> found;
  for (const auto& draft : drafts) {
    auto& image = found.emplace(draft.image, Image{draft.image, 0, draft.category}).first->second;
    image.wrong += !draft.right;
  }
  std::vector<Image> images;
  for (const auto& [key, image] : found) images.push_back(image);
  Random(seed).shuffle(images);
  std::stable_sort(images.begin(), images.end(), [](const Image& a, const Image& b) {
    return std::pair(a.wrong, a.category) < std::pair(b.wrong, b.category);
  });
  std::map<int, int> fold_of;
  for (size_t i = 0; i < images.size(); ++i) {
    fold_of[images[i].image] = static_cast<int>(i % static_cast<size_t>(folds));
  }
  std::vector<int> fold;
  for (const auto& draft : drafts) fold.push_back(fold_of[draft.image]);
  return fold;
}

/// How many times as uncertain the share of right drafts is as without images that hold several.
double design_effect(const std::vector<JudgedDraft>& accepted, const TrustModel& model) {
  std::map<int, double> by_image;
  double alone = 0;
  for (const auto& draft : accepted) {
    const double slack = (draft.right ? 1 : 0) - model.probability(draft.category, draft.score);
    by_image[draft.image] += slack;
    alone += slack * slack;
  }
  double together = 0;
  for (const auto& [image, slack] : by_image) together += slack * slack;
  return alone > 0 ? std::max(1.0, together / alone) : 1;
}

/// Counts a draft, and returns whether it is accepted.
bool count(Acceptance& acceptance, const JudgedDraft& draft, const AcceptScores& scores) {
  auto& category = acceptance.categories[static_cast<size_t>(draft.category)];
  ++acceptance.items;
  ++category.support;
  if (!is_accepted(scores, draft.category, draft.score)) return false;
  ++acceptance.accepted;
  ++category.predicted;
  acceptance.right += draft.right;
  category.hits += draft.right;
  return true;
}

}  // namespace

bool is_accepted(const AcceptScores& scores, int category, double score) {
  const auto& least = scores[static_cast<size_t>(category)];
  return least && score >= *least;
}

Acceptance accept_for_precision(const std::vector<JudgedDraft>& drafts, int categories,
                                double precision, std::uint64_t seed, int folds) {
  Acceptance acceptance;
  const Choice choice = choose(drafts, categories, precision);
  acceptance.scores = choice.scores;
  acceptance.reachable = choice.reachable;
  acceptance.categories.resize(static_cast<size_t>(categories));
  acceptance.taken.resize(drafts.size());
  const auto fold = dealt(drafts, folds, seed);
  std::vector<JudgedDraft> accepted;
  double reachable = 0;  // for any of the folds
  for (int f = 0; f < folds; ++f) {
    std::vector<JudgedDraft> others;
    for (size_t i = 0; i < drafts.size(); ++i) {
      if (fold[i] != f) others.push_back(drafts[i]);
    }
    const auto [scores, best] = choose(others, categories, precision);
    reachable = std::max(reachable, best);
    for (size_t i = 0; i < drafts.size(); ++i) {
      if (fold[i] != f) continue;
      acceptance.taken[i] = count(acceptance, drafts[i], scores);
      if (acceptance.taken[i]) accepted.push_back(drafts[i]);
    }
  }
  acceptance.reachable = std::min(acceptance.reachable, reachable);
  if (accepted.empty()) {
    acceptance.scores.assign(acceptance.scores.size(), std::nullopt);
    return acceptance;
  }
  const double effect = design_effect(accepted, TrustModel(drafts, categories));
  acceptance.precision = clopper_pearson(static_cast<double>(acceptance.right) / effect,
                                         static_cast<double>(acceptance.accepted) / effect, 0.95);
  return acceptance;
}

}  // namespace preannotate
