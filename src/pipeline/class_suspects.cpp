#include "class_suspects.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/pipeline/figures.h"
#include "preannotate/quality/label_issues.h"
#include "preannotate/quality/near_duplicates.h"

namespace preannotate {

namespace {

constexpr std::array<std::string_view, 6> kKinds{"wrong_label", "missing_label", "overlooked",
                                                 "swapped",     "badly_located", "duplicate"};
constexpr size_t kMostCompared = 20'000;  // images; every pair is looked at

/// Wrong labels make heads that learned from them too sure; the margin minds that less.
Ranking ranking_of(const LabelScores& scores) {
  return scores.clean ? Ranking::kSelfConfidence : Ranking::kMargin;
}

size_t flagged_by_first(const LabelScores& scores, const std::vector<int>& labels, int classes) {
  if (scores.first.empty()) return 0;
  const auto flagged = find_label_issues(scores.first, labels, classes).flagged;
  return static_cast<size_t>(std::count(flagged.begin(), flagged.end(), true));
}

std::vector<Suspect> single_label(const Seed& seed, const LabelScores& scores) {
  const auto& names = seed.dataset.categories;
  std::vector<int> labels;
  for (const size_t sample : scores.samples) labels.push_back(seed.labels[sample].at(0));
  const auto classes = static_cast<int>(names.size());
  const auto issues = find_label_issues(scores.scores, labels, classes, ranking_of(scores),
                                        flagged_by_first(scores, labels, classes));
  std::vector<Suspect> suspects;
  for (size_t i = 0; i < labels.size(); ++i) {
    const int suggestion = issues.suggestion[i];
    if (suggestion < 0 || (!issues.flagged[i] && top_class(scores.scores[i]) == labels[i]))
      continue;
    Suspect suspect{.kind = "wrong_label", .sample = scores.samples[i]};
    suspect.label = names[static_cast<size_t>(labels[i])];
    suspect.suggestion = names[static_cast<size_t>(suggestion)];
    suspect.score = issues.score[i];
    suspect.flagged = issues.flagged[i];
    suspect.confidence = scores.scores[i][static_cast<size_t>(suggestion)];
    suspects.push_back(std::move(suspect));
  }
  return suspects;
}

std::vector<Suspect> several_labels(const Seed& seed, const LabelScores& scores) {
  const auto& names = seed.dataset.categories;
  std::vector<std::vector<int>> labels;
  for (const size_t sample : scores.samples) labels.push_back(seed.labels[sample]);
  const auto given = label_matrix(labels, names.size());
  const auto issues = find_multilabel_issues(scores.scores, given, static_cast<int>(names.size()));
  std::vector<Suspect> suspects;
  for (size_t c = 0; c < names.size(); ++c) {
    for (size_t i = 0; i < labels.size(); ++i) {
      const double score = issues[c].score[i];
      if (issues[c].suggestion[i] < 0 || (!issues[c].flagged[i] && score >= kLabelThreshold)) {
        continue;
      }
      const bool has = given[i][c] != 0;
      Suspect suspect{.kind = has ? "wrong_label" : "missing_label", .sample = scores.samples[i]};
      (has ? suspect.label : suspect.suggestion) = names[c];
      suspect.score = score;
      suspect.flagged = issues[c].flagged[i];
      suspect.confidence = has ? -1 : 1 - score;
      suspects.push_back(std::move(suspect));
    }
  }
  return suspects;
}

std::string label_words(const Seed& seed, size_t sample) {
  std::vector<std::string> names;
  for (const int label : seed.labels[sample]) {
    names.push_back(seed.dataset.categories[static_cast<size_t>(label)]);
  }
  return names.empty() ? "no label" : join_names(names);
}

/// How probable the labels given to an image are.
double trust(const Seed& seed, const LabelScores& scores, size_t i) {
  double trust = 1;
  for (const int label : seed.labels[scores.samples[i]]) {
    if (!scores.scores[i].empty()) {
      trust = std::min(trust, scores.scores[i][static_cast<size_t>(label)]);
    }
  }
  return trust;
}

/// Of two images that show the same the one whose label is trusted less is the suspect.
std::vector<Suspect> duplicates(const Seed& seed, const LabelScores& scores) {
  auto features = scores.features;
  if (features.size() > kMostCompared) {
    log_info("only identical files are looked for among " + human_count(features.size()) +
             " images, no near duplicates");
    for (auto& row : features) row.clear();
  }
  std::vector<Suspect> suspects;
  for (const auto& pair : near_duplicates(features, scores.sha256)) {
    const size_t a = scores.samples[pair.a], b = scores.samples[pair.b];
    if (seed.labels[a] == seed.labels[b]) continue;
    const bool first = trust(seed, scores, pair.a) <= trust(seed, scores, pair.b);
    Suspect suspect{.kind = "duplicate", .sample = first ? a : b};
    suspect.other = first ? b : a;
    suspect.label = label_words(seed, suspect.sample);
    suspect.suggestion = label_words(seed, *suspect.other);
    suspect.score = std::min(pair.distance, 1.0);
    suspect.flagged = true;
    suspects.push_back(std::move(suspect));
  }
  return suspects;
}

}  // namespace

std::vector<Suspect> class_suspects(const Seed& seed, const LabelScores& scores) {
  auto suspects =
      seed.task == "classify" ? single_label(seed, scores) : several_labels(seed, scores);
  auto same = duplicates(seed, scores);
  std::move(same.begin(), same.end(), std::back_inserter(suspects));
  sort_suspects(suspects);
  return suspects;
}

void sort_suspects(std::vector<Suspect>& suspects) {
  const auto kind = [](const Suspect& suspect) {
    return std::find(kKinds.begin(), kKinds.end(), suspect.kind) - kKinds.begin();
  };
  std::stable_sort(suspects.begin(), suspects.end(), [&](const Suspect& a, const Suspect& b) {
    return std::make_tuple(!a.flagged, kind(a), a.score, a.sample) <
           std::make_tuple(!b.flagged, kind(b), b.score, b.sample);
  });
}

}  // namespace preannotate
