#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "plain_view.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/metrics/accuracy.h"
#include "preannotate/pipeline/figures.h"
#include "preannotate/quality/paired_difference.h"
#include "preannotate/quality/promotion.h"
#include "verdict.h"

namespace preannotate {

namespace {

using Rows = std::vector<std::vector<double>>;  // [N][C] probabilities

/// Positions of the classes that a row stands for.
std::vector<int> decided(const std::vector<double>& row, bool one) {
  if (one) return {top_class(row)};
  std::vector<int> classes;
  for (size_t c = 0; c < row.size(); ++c) {
    if (row[c] >= kLabelThreshold) classes.push_back(static_cast<int>(c));
  }
  return classes;
}

/// How right an image is: of one class 0 or 1; of several the F1 of its classes, 1 where there is
/// none and none was said.
double rightness(const std::vector<int>& said, const std::vector<int>& labels) {
  std::vector<int> both;
  std::set_intersection(said.begin(), said.end(), labels.begin(), labels.end(),
                        std::back_inserter(both));
  const size_t all = said.size() + labels.size();
  return all == 0 ? 1 : 2 * static_cast<double>(both.size()) / static_cast<double>(all);
}

/// One model on the gold set.
struct Judge {
  std::vector<std::vector<int>> said;  // [N]
  std::vector<double> confidence;      // [N] of the first class
  std::vector<double> right;           // [N]
};

Judge judge_of(const Rows& scores, const std::vector<std::vector<int>>& labels, bool one) {
  Judge judge;
  for (size_t i = 0; i < scores.size(); ++i) {
    judge.said.push_back(decided(scores[i], one));
    judge.confidence.push_back(*std::max_element(scores[i].begin(), scores[i].end()));
    judge.right.push_back(rightness(judge.said.back(), labels[i]));
  }
  return judge;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// Copies of one content are one.
std::vector<size_t> groups_of(const std::vector<std::string>& sha256) {
  std::map<std::string, size_t> numbers;
  std::vector<size_t> groups;
  for (const auto& content : sha256) {
    groups.push_back(numbers.emplace(content, numbers.size()).first->second);
  }
  return groups;
}

bool holds(const std::vector<int>& classes, int c) {
  return std::find(classes.begin(), classes.end(), c) != classes.end();
}

class ClassifierVerdict {
 public:
  ClassifierVerdict(const Run& champion, const Challenger& challenger, const GoldSet& gold,
                    const TrainingSet& learned, const UpdateOptions& options)
      : champion_(champion),
        challenger_(challenger),
        gold_(gold),
        learned_(learned),
        options_(options),
        one_(champion.manifest.task == "classify"),
        figure_(one_ ? "accuracy" : "image F1"),
        labels_(gold_labels(gold, challenger.run.manifest.classes)) {}

  Verdict reach() {
    look();
    compare();
    compare_classes();
    look_back();
    if (one_) doubt_answers();
    return std::move(verdict_);
  }

 private:
  void look();
  void compare();
  void compare_classes();
  void look_back();
  void doubt_answers();
  Rows scores(const torch::Tensor& features, const Run& run) const;

  const Run& champion_;
  const Challenger& challenger_;
  const GoldSet& gold_;
  const TrainingSet& learned_;
  const UpdateOptions& options_;
  const bool one_;
  const std::string figure_;
  const std::vector<std::vector<int>> labels_;  // by the challenger's classes
  Judge old_, new_;
  Verdict verdict_;
};

Rows ClassifierVerdict::scores(const torch::Tensor& features, const Run& run) const {
  const auto logits = run.head.logits(features.slice(1, 0, run.head.weight.size(1)));
  return probabilities(logits, run.manifest.link, run.manifest.temperature);
}

/// Both on the same features: the backbone is the champion's.
void ClassifierVerdict::look() {
  const Backbone& backbone = challenger_.backbone;
  Problems problems;
  const auto features =
      extract_cached(backbone, gold_.seed.dataset,
                     plain_view(backbone, champion_.manifest.resize, options_.workers,
                                options_.batch, options_.decode),
                     options_.cache, problems);
  if (!problems.empty()) {
    const Problem& first = problems.all().front();
    throw UserError(kBadInput, gold_.path, ": the image '", first.input, "' cannot be used (",
                    first.detail, "); all of a gold set is needed");
  }
  const auto plain = features.features.select(1, 0);
  old_ = judge_of(scores(plain, champion_), labels_, one_);
  new_ = judge_of(scores(plain, challenger_.run), labels_, one_);
}

void ClassifierVerdict::compare() {
  const auto change = paired_difference(new_.right, old_.right, groups_of(gold_.sha256), 0);
  const double champion = mean(old_.right), challenger = mean(new_.right);
  verdict_.gold = {
      {"path", utf8_path(gold_.path)},
      {"sha256", gold_.digest},
      {"images", labels_.size()},
      {"figure", one_ ? "accuracy" : "image_f1"},
      {"champion", champion},
      {"challenger", challenger},
      {"difference", {{"value", change.value}, {"low", change.low}, {"high", change.high}}}};
  const auto words =
      change_words(figure_ + " on the gold set", champion, challenger, change.low, change.high);
  verdict_.reason = words;
  if (change.high < 0) verdict_.refuse(words);
}

/// Of one class an image: those of the class. Of several: those that have it, or of which one of
/// the two says so.
void ClassifierVerdict::compare_classes() {
  const auto& classes = challenger_.run.manifest.classes;
  verdict_.gold["per_class"] = Json::array();
  for (size_t c = 0; c < classes.size(); ++c) {
    const int number = static_cast<int>(c);
    std::vector<bool> old_right, new_right;
    for (size_t i = 0; i < labels_.size(); ++i) {
      const bool is = holds(labels_[i], number);
      const bool by_old = holds(old_.said[i], number), by_new = holds(new_.said[i], number);
      if (!is && (one_ || (!by_old && !by_new))) continue;
      old_right.push_back(by_old == is);
      new_right.push_back(by_new == is);
    }
    const ClassChange change = class_change(old_right, new_right);
    if (change.images == 0) continue;
    verdict_.gold["per_class"].push_back({{"name", classes[c]},
                                          {"images", change.images},
                                          {"lost", change.lost},
                                          {"won", change.won},
                                          {"drop", change.drop},
                                          {"chance", change.chance}});
    if (!is_worse(change, options_.max_class_drop)) continue;
    char text[200];
    std::snprintf(text, sizeof text,
                  "' fell by %.3f on its %ld gold images (%ld lost, %ld won; chance alone %.3f), "
                  "more than --max-class-drop %g",
                  change.drop, change.images, change.lost, change.won, change.chance,
                  options_.max_class_drop);
    verdict_.refuse("class '" + printable(classes[c]) + text);
  }
}

/// On what the champion had learned from: each image by heads that did not, of the champion's
/// images and of all.
void ClassifierVerdict::look_back() {
  const ClassifierEvidence& evidence = challenger_.evidence;
  const FittedHead& head = *evidence.head;
  verdict_.forgetting = nullptr;
  if (!head.fit.prior_out_of_fold.defined() || !head.fit.out_of_fold.defined()) return;
  const auto link = champion_.manifest.link;
  const auto before = probabilities(head.fit.prior_out_of_fold, link, 1);
  const auto after = probabilities(head.fit.out_of_fold, link, 1);
  if (before.size() != head.images.size()) return;  // of a hold-out: other images
  std::vector<double> old_right, new_right;
  std::vector<std::string> sha256;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].empty() || after[i].empty()) continue;
    const auto& labels = evidence.seed->labels[evidence.features->samples[head.images[i]]];
    old_right.push_back(rightness(decided(before[i], one_), labels));
    new_right.push_back(rightness(decided(after[i], one_), labels));
    sha256.push_back(evidence.features->sha256[head.images[i]]);
  }
  if (old_right.empty()) return;
  const auto change = paired_difference(new_right, old_right, groups_of(sha256), 0);
  const double champion = mean(old_right), challenger = mean(new_right);
  verdict_.forgetting = {
      {"images", old_right.size()},
      {"champion", champion},
      {"challenger", challenger},
      {"noted", champion_.manifest.metrics},
      {"difference", {{"value", change.value}, {"low", change.low}, {"high", change.high}}}};
  if (!(change.value < -options_.max_forgetting && change.high < 0)) return;
  char limit[64];
  std::snprintf(limit, sizeof limit, ", more than --max-forgetting %g", options_.max_forgetting);
  verdict_.refuse(change_words(figure_ + " on " + std::to_string(old_right.size()) +
                                   " images learned before, out of fold",
                               champion, challenger, change.low, change.high) +
                  limit);
}

/// The answers by heads that had not learned from them, the gold set by the new head.
void ClassifierVerdict::doubt_answers() {
  const ClassifierEvidence& evidence = challenger_.evidence;
  const FittedHead& head = *evidence.head;
  verdict_.answers = nullptr;
  if (!head.judged.defined()) return;
  const auto scores =
      probabilities(head.judged, champion_.manifest.link, challenger_.run.manifest.temperature);
  std::vector<JudgedLabel> answers, gold;
  for (size_t i = 0; i < scores.size(); ++i) {
    const size_t sample = evidence.features->samples[head.images[i]];
    if (scores[i].empty() || !learned_.reviewed[sample]) continue;
    const int top = top_class(scores[i]);
    answers.push_back(
        {scores[i][static_cast<size_t>(top)], holds(evidence.seed->labels[sample], top)});
  }
  for (size_t i = 0; i < labels_.size(); ++i) {
    gold.push_back({new_.confidence[i], new_.right[i] > 0.5});
  }
  const Interval wrong = wrong_share(answers, gold);
  verdict_.answers = {
      {"judged", answers.size()},
      {"wrong", {{"value", wrong.value}, {"low", wrong.low}, {"high", wrong.high}}}};
  if (wrong.low <= options_.max_wrong_answers) return;
  char text[200];
  std::snprintf(text, sizeof text,
                "about %.0f %% of the %zu answers look wrong (at least %.0f %%), measured against "
                "the gold set, more than --max-wrong-answers %g",
                100 * wrong.value, answers.size(), 100 * wrong.low, options_.max_wrong_answers);
  verdict_.refuse(text);
}

}  // namespace

Verdict judge_classifier(const Run& champion, const Challenger& challenger, const GoldSet& gold,
                         const TrainingSet& learned, const UpdateOptions& options) {
  return ClassifierVerdict(champion, challenger, gold, learned, options).reach();
}

}  // namespace preannotate
