#include "clean_rounds.h"

#include <algorithm>

#include "preannotate/core/log.h"
#include "preannotate/pipeline/figures.h"

namespace preannotate {

namespace {

using Rows = std::vector<std::vector<double>>;

/// Out-of-fold probabilities; an image of `left_out` is judged, but trains nothing.
class CleanDivision {
 public:
  CleanDivision(const LabelledFeatures& features, const Seed& seed, const FittedHead& head,
                const CleanRounds& options)
      : features_(features), seed_(seed), head_(head), options_(options) {
    for (const size_t sample : features.samples) labels_.push_back(seed.labels[sample].at(0));
  }

  const std::vector<int>& labels() const { return labels_; }

  Rows scores(std::uint64_t random_seed, const std::vector<bool>& left_out) const {
    const auto folds = divide(features_, seed_, 0, options_.folds, random_seed).folds;
    Rows scores(labels_.size());
    const int last = folds.empty() ? -1 : *std::max_element(folds.begin(), folds.end());
    for (int fold = 0; fold <= last; ++fold) judge(fold, folds, left_out, scores);
    return scores;
  }

 private:
  void judge(int fold, const std::vector<int>& folds, const std::vector<bool>& left_out,
             Rows& scores) const {
    std::vector<size_t> training, judged;
    std::vector<bool> trained(seed_.dataset.categories.size(), false);
    for (size_t i = 0; i < folds.size(); ++i) {
      if (folds[i] == fold) {
        judged.push_back(i);
      } else if (!left_out[i]) {
        training.push_back(i);
        trained[static_cast<size_t>(labels_[i])] = true;
      }
    }
    for (size_t i = 0; i < folds.size(); ++i) {  // a class of which all are left out stays a class
      if (folds[i] != fold && left_out[i] && !trained[static_cast<size_t>(labels_[i])]) {
        training.push_back(i);
      }
    }
    HeadOptions head;
    head.lambdas = {head_.fit.head.lambda};
    head.threads = options_.threads;
    const auto columns = head_.fit.head.weight.size(1);
    const auto fit = fit_head(head_data(features_, training, seed_, columns), {}, head);
    const auto logits = fit.head.logits(head_data(features_, judged, seed_, columns).features);
    auto rows = probabilities(logits, Link::kSoftmax, head_.temperature);
    for (size_t k = 0; k < judged.size(); ++k) scores[judged[k]] = std::move(rows[k]);
  }

  const LabelledFeatures& features_;
  const Seed& seed_;
  const FittedHead& head_;
  const CleanRounds& options_;
  std::vector<int> labels_;
};

/// Labels that are not the most probable class; measured better than confident learning's flags.
std::vector<bool> at_odds(const Rows& scores, const std::vector<int>& labels) {
  std::vector<bool> found;
  for (size_t i = 0; i < labels.size(); ++i) {
    found.push_back(!scores[i].empty() && top_class(scores[i]) != labels[i]);
  }
  return found;
}

/// mean of `count` rows -> mean of one more; a row that is empty in either stays what the other is.
void add_to_mean(Rows& mean, const Rows& more, int count) {
  for (size_t i = 0; i < mean.size(); ++i) {
    if (mean[i].empty()) mean[i] = more[i];
    for (size_t c = 0; c < more[i].size(); ++c)
      mean[i][c] += (more[i][c] - mean[i][c]) / (count + 1);
  }
}

}  // namespace

Rows clean_rounds(const LabelledFeatures& features, const Seed& seed, const FittedHead& head,
                  const Rows& first, const CleanRounds& options) {
  const CleanDivision division(features, seed, head, options);
  Rows mean = first;
  Progress progress("divisions", static_cast<size_t>(options.rounds));
  for (int round = 0; round < options.rounds; ++round) {
    const auto scores = division.scores(options.seed + static_cast<std::uint64_t>(round) + 1,
                                        at_odds(mean, division.labels()));
    if (round == 0) mean = scores;
    add_to_mean(mean, scores, round);
    progress.advance();
  }
  return mean;
}

}  // namespace preannotate
