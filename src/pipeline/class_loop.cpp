#include "class_loop.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "loop_model.h"
#include "preannotate/core/random.h"
#include "preannotate/pipeline/batch_choice.h"
#include "preannotate/pipeline/figures.h"
#include "preannotate/quality/certificate.h"
#include "preannotate/quality/exact_counts.h"
#include "preannotate/quality/finishing_plan.h"
#include "preannotate/quality/passed_drafts.h"
#include "preannotate/review/simulated_reviewer.h"

namespace preannotate {
namespace {

constexpr double kOwnError = 0.05;  // of what people choose themselves, to plan by (CIFAR-10H)
constexpr double kPassShare = 0.4;  // of the errors allowed, left to the review's own
constexpr double kOwnShare = 0.2;   // and to what people choose, when unseen drafts are accepted
constexpr double kSafety = 1.4;     // of the wrong drafts foreseen in the last batch
constexpr double kWorthSampling = 0.5;  // a sample must cost less than so much of looking at all

class ClassLoop {
 public:
  ClassLoop(const LabelledFeatures& features, const Seed& seed,
            const std::vector<std::vector<double>>& confusions, const ClassLoopOptions& options);
  LoopOutcome run();

 private:
  size_t size() const { return truth_.size(); }
  void plan_promise();
  void label_first();
  void train();
  bool another_round_pays();
  std::vector<size_t> left() const;
  long own_errors() const;
  long may_accept() const { return allowed_ - may_pass_ - own_reserve_; }
  std::vector<size_t> next_batch(size_t wanted);
  void look_at(const std::vector<size_t>& batch, bool last);
  void plant(double wrong_expected, bool last);
  int planted_class(size_t image) const;
  long accept_by_sample();
  int blind_answer(size_t image);
  void verify_contradicted();
  void judge(long accepted_bound);
  void answer(size_t image, int label, bool own);

  const Seed& seed_;
  const ClassLoopOptions& options_;
  const int classes_;
  const double delta_;
  std::vector<int> truth_;
  torch::Tensor embedding_;  // [N, D] float32
  LoopModel model_;
  Random random_;
  SimulatedReviewer reviewer_;
  std::vector<size_t> order_;   // random
  std::vector<int> labels_;     // final labels so far, -1: none
  std::vector<bool> unseen_;    // accepted by the certificate: nothing to learn from
  std::vector<bool> own_;       // chosen by a person, not taken over from a draft
  std::vector<int> drafts_;     // of every image by the last model
  std::vector<double> scores_;  // of these
  std::vector<std::vector<double>> all_scores_;
  std::vector<std::vector<double>> out_of_fold_;
  bool samples_ = false;  // finishes with a certificate
  long allowed_ = 0, may_pass_ = 0, own_reserve_ = 0;
  double accept_delta_ = 0, pass_delta_ = 0;
  double least_ = -1;  // seconds spent and left to do, as they ever looked
  int idle_rounds_ = 0;
  bool verified_ = false;  // people's own choices, where the model contradicts
  double plants_owed_ = 0;
  double expected_ = 0;  // wrong drafts among those looked at, by their scores
  LoopOutcome outcome_;
};

std::vector<int> classes_of(const LabelledFeatures& features, const Seed& seed) {
  std::vector<int> classes;
  for (const size_t sample : features.samples) classes.push_back(seed.labels[sample].at(0));
  return classes;
}

FeatureRows rows_of_embedding(const torch::Tensor& embedding) {
  return {{embedding.const_data_ptr<float>(), static_cast<size_t>(embedding.numel())},
          static_cast<size_t>(embedding.size(1))};
}

ClassLoop::ClassLoop(const LabelledFeatures& features, const Seed& seed,
                     const std::vector<std::vector<double>>& confusions,
                     const ClassLoopOptions& options)
    : seed_(seed),
      options_(options),
      classes_(static_cast<int>(seed.dataset.categories.size())),
      delta_(1 - options.confidence),
      truth_(classes_of(features, seed)),
      embedding_(
          features.features.select(1, 0).slice(1, 0, features.layout.embedding).contiguous()),
      model_(features, options.threads, options.seed),
      random_(options.seed),
      reviewer_(reviewer_named(options.reviewer), truth_, confusions, random_.next()),
      order_(truth_.size()),
      labels_(truth_.size(), -1),
      unseen_(truth_.size(), false),
      own_(truth_.size(), false) {
  std::iota(order_.begin(), order_.end(), size_t{0});
  random_.shuffle(order_);
  outcome_.images = static_cast<long>(size());
}

/// What may be wrong, and how it is shared between what nobody looks at and what people let pass.
void ClassLoop::plan_promise() {
  const auto total = static_cast<long>(size());
  allowed_ = allowed_bad(total, options_.max_error);
  const long draws = answers_needed(total, options_.max_error, delta_);
  samples_ = draws >= 0 && static_cast<double>(draws) * options_.cost.choose(classes_) <
                               kWorthSampling * static_cast<double>(total) * options_.cost.grid;
  accept_delta_ = delta_;
  if (samples_) own_reserve_ = static_cast<long>(kOwnShare * static_cast<double>(allowed_));
  if (options_.trust_reviewers) return;
  may_pass_ = samples_ ? static_cast<long>(kPassShare * static_cast<double>(allowed_)) : allowed_;
  pass_delta_ = samples_ ? delta_ / 2 : delta_;
  accept_delta_ = delta_ / 2;
}

void ClassLoop::answer(size_t image, int label, bool own) {
  labels_[image] = label;
  own_[image] = own;
}

void ClassLoop::label_first() {
  for (const size_t image :
       cold_start(rows_of_embedding(embedding_), options_.first, random_.next())) {
    answer(image, reviewer_.chooses(image), true);
    ++outcome_.actions.chosen;
    ++outcome_.drafts_only.chosen;
  }
}

void ClassLoop::train() {
  auto answers = labels_;
  for (size_t i = 0; i < size(); ++i) {
    if (unseen_[i]) answers[i] = -1;
  }
  RoundScores scores = model_.train(seed_, answers);
  all_scores_ = std::move(scores.all);
  out_of_fold_ = std::move(scores.out_of_fold);
  drafts_.assign(size(), 0);
  scores_.assign(size(), 0);
  for (size_t i = 0; i < size(); ++i) {
    drafts_[i] = top_class(all_scores_[i]);
    scores_[i] = all_scores_[i][static_cast<size_t>(drafts_[i])];
  }
  const auto rest = left();
  LoopRound round;
  round.labelled = static_cast<long>(size() - rest.size());
  for (const size_t image : rest) round.draft_error += drafts_[image] != truth_[image];
  if (!rest.empty()) round.draft_error /= static_cast<double>(rest.size());
  round.actions = outcome_.actions;
  outcome_.rounds.push_back(round);
}

std::vector<size_t> ClassLoop::left() const {
  std::vector<size_t> left;
  for (const size_t image : order_) {
    if (labels_[image] < 0) left.push_back(image);
  }
  return left;
}

/// To plan by, among what people chose; none once the model's contradictions were verified.
long ClassLoop::own_errors() const {
  if (verified_) return 0;
  const auto own = std::count(own_.begin(), own_.end(), true);
  return std::lround(std::ceil(kOwnError * static_cast<double>(own)));
}

std::vector<size_t> ClassLoop::next_batch(size_t wanted) {
  auto batch = left();
  if (options_.budget > 0) {
    const auto seen = static_cast<size_t>(outcome_.seen);
    wanted = std::min(wanted, options_.budget > seen ? options_.budget - seen : 0);
  }
  batch.resize(std::min(batch.size(), wanted));
  return batch;
}

/// Where all is looked at anyway, always; else until spent and left to do, as the scores foretell
/// it, have not fallen together for two rounds.
bool ClassLoop::another_round_pays() {
  if (!samples_) return true;
  std::vector<double> scores;
  for (const size_t image : left()) scores.push_back(scores_[image]);
  const auto plan = cheapest_finish(scores, may_accept(), accept_delta_, options_.cost, classes_);
  const double total = outcome_.actions.seconds(options_.cost, classes_) + plan.seconds;
  if (least_ < 0 || total < least_) {
    least_ = total;
    idle_rounds_ = 0;
  } else {
    ++idle_rounds_;
  }
  return idle_rounds_ < 2;
}

/// The most probable class that is not there, as a model would draft it.
int ClassLoop::planted_class(size_t image) const {
  int best = -1;
  for (int c = 0; c < classes_; ++c) {
    if (c == labels_[image]) continue;
    const auto& scores = all_scores_[image];
    if (best < 0 || scores[static_cast<size_t>(c)] > scores[static_cast<size_t>(best)]) best = c;
  }
  return best;
}

/// Shows drafts of labelled images that are known to be wrong, in the share of the wrong ones that
/// are expected; in the last batch what is still missing.
void ClassLoop::plant(double wrong_expected, bool last) {
  if (options_.trust_reviewers) return;
  plants_owed_ +=
      wrong_expected * (std::pow(pass_delta_, -1.0 / static_cast<double>(may_pass_ + 1)) - 1);
  if (last) {
    // Models are surer of images like those they know: so many times as many were wrong so far.
    const auto caught = static_cast<double>(outcome_.caught);
    const double underrated = std::clamp((caught + 1) / (expected_ + 1), 1.0, 4.0);
    const double wrong = caught + kSafety * underrated * wrong_expected;
    plants_owed_ =
        static_cast<double>(plants_needed(wrong, may_pass_, pass_delta_) - outcome_.planted);
  }
  expected_ += wrong_expected;
  std::vector<size_t> gold;
  for (const size_t image : order_) {
    if (labels_[image] >= 0 && own_[image]) gold.push_back(image);
  }
  random_.shuffle(gold);
  for (const size_t image : gold) {
    if (plants_owed_ < 1) break;
    plants_owed_ -= 1;
    ++outcome_.planted;
    ++outcome_.actions.looked;
    if (reviewer_.accepts(image, planted_class(image))) {
      ++outcome_.planted_passed;
    } else {
      ++outcome_.actions.clicked;
      ++outcome_.actions.fixed;
    }
  }
}

/// Drafts in pages of their class; an image whose draft is so likely wrong that a class is chosen
/// faster is asked without it.
void ClassLoop::look_at(const std::vector<size_t>& batch, bool last) {
  if (batch.empty()) return;
  std::vector<size_t> shown;
  double wrong_expected = 0;
  for (const size_t image : batch) {
    ++outcome_.drafts_only.verified;
    outcome_.drafts_only.fixed += drafts_[image] != truth_[image];
    const double doubt = 1 - scores_[image];
    if (page_seconds(options_.cost, doubt) > options_.cost.choose(classes_)) {
      ++outcome_.actions.chosen;
      answer(image, reviewer_.chooses(image), true);
      continue;
    }
    shown.push_back(image);
    wrong_expected += doubt;
  }
  plant(wrong_expected, last);
  std::map<int, long> of_class;
  for (const size_t image : shown) {
    ++of_class[drafts_[image]];
    ++outcome_.actions.looked;
    if (reviewer_.accepts(image, drafts_[image])) {
      answer(image, drafts_[image], false);
      ++outcome_.in_pages;
      continue;
    }
    ++outcome_.caught;
    ++outcome_.actions.clicked;
    ++outcome_.actions.fixed;
    answer(image, reviewer_.corrects(image, drafts_[image]), true);
  }
  for (const auto& [drafted, count] : of_class) {
    outcome_.actions.pages += (count + kPageImages - 1) / kPageImages;
  }
  outcome_.seen += static_cast<long>(batch.size());
}

/// Blind; where it contradicts the draft a second person is asked, whose answer counts.
int ClassLoop::blind_answer(size_t image) {
  ++outcome_.actions.chosen;
  const int first = reviewer_.chooses(image);
  if (first == drafts_[image]) return first;
  ++outcome_.actions.chosen;
  return reviewer_.chooses(image);
}

/// Returns how many of what it accepts may be wrong.
long ClassLoop::accept_by_sample() {
  const auto rest = left();
  std::vector<double> scores;
  for (const size_t image : rest) scores.push_back(scores_[image]);
  const long allowed = may_accept();
  const auto plan = cheapest_finish(scores, allowed, accept_delta_, options_.cost, classes_);
  if (plan.sample == 0) return 0;
  std::vector<size_t> places(rest.size());
  std::iota(places.begin(), places.end(), size_t{0});
  random_.shuffle(places);
  std::vector<SampledDraft> sample;
  for (long i = 0; i < plan.sample; ++i) {
    const size_t place = places[static_cast<size_t>(i)], image = rest[place];
    const int label = blind_answer(image);
    answer(image, label, true);
    sample.push_back({place, label != drafts_[image]});
    ++outcome_.drafts_only.verified;
    outcome_.drafts_only.fixed += drafts_[image] != truth_[image];
  }
  outcome_.sample = plan.sample;
  outcome_.seen += plan.sample;
  const double max_error = static_cast<double>(allowed) / static_cast<double>(rest.size());
  const auto certificate = certify_scores(scores, sample, max_error, accept_delta_);
  if (!certificate.given) return 0;
  for (size_t place = 0; place < rest.size(); ++place) {
    const size_t image = rest[place];
    if (labels_[image] >= 0 || scores[place] < certificate.threshold) continue;
    answer(image, drafts_[image], false);
    unseen_[image] = true;
    ++outcome_.unseen;
    ++outcome_.drafts_only.verified;
    outcome_.drafts_only.fixed += drafts_[image] != truth_[image];
  }
  return std::lround(certificate.bound * static_cast<double>(rest.size()));
}

/// Labels that people chose and that the last model, not trained on them, contradicts.
void ClassLoop::verify_contradicted() {
  if (own_errors() <= own_reserve_) return;
  train();
  outcome_.rounds.pop_back();  // no round: nothing is left to draft
  verified_ = true;
  for (size_t image = 0; image < size(); ++image) {
    const auto& scores = out_of_fold_[image];
    if (!own_[image] || scores.empty() || top_class(scores) == labels_[image]) continue;
    ++outcome_.actions.verified;
    if (reviewer_.accepts(image, labels_[image])) continue;
    ++outcome_.actions.fixed;
    answer(image, reviewer_.corrects(image, labels_[image]), true);
  }
}

void ClassLoop::judge(long accepted_bound) {
  long wrong = 0;
  for (size_t i = 0; i < size(); ++i) {
    wrong += (labels_[i] < 0 ? drafts_[i] : labels_[i]) != truth_[i];
  }
  const auto total = static_cast<double>(size());
  outcome_.residual = static_cast<double>(wrong) / total;
  const long passed = options_.trust_reviewers
                          ? 0
                          : most_passed(outcome_.caught, outcome_.planted_passed, outcome_.planted,
                                        outcome_.caught + outcome_.in_pages, pass_delta_);
  const long most = accepted_bound + passed + own_errors();
  outcome_.bound = std::min(1.0, static_cast<double>(most) / total);
  outcome_.certified = left().empty() && most <= allowed_;
}

LoopOutcome ClassLoop::run() {
  plan_promise();
  label_first();
  outcome_.seen = outcome_.actions.chosen;
  auto batch_size = static_cast<double>(options_.first);
  const auto out_of_rounds = [&] {
    return options_.rounds > 0 && static_cast<int>(outcome_.rounds.size()) >= options_.rounds;
  };
  for (train(); another_round_pays() && !out_of_rounds(); train()) {
    const auto wanted = static_cast<size_t>(std::lround(batch_size));
    if (left().size() < 2 * wanted) break;  // the model after it would have little to draft
    const auto batch = next_batch(wanted);
    if (batch.empty()) break;  // the budget is spent
    look_at(batch, false);
    batch_size *= options_.growth;
  }
  const bool limited = options_.budget > 0 && options_.budget < size();
  const long accepted_bound = samples_ && !limited ? accept_by_sample() : 0;
  look_at(next_batch(size()), true);
  verify_contradicted();
  judge(accepted_bound);
  return outcome_;
}

}  // namespace

LoopOutcome replay_class_loop(const LabelledFeatures& features, const Seed& seed,
                              const std::vector<std::vector<double>>& confusions,
                              const ClassLoopOptions& options) {
  return ClassLoop(features, seed, confusions, options).run();
}

}  // namespace preannotate
