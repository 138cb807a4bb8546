#include "detector_fit.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <ATen/Parallel.h>

#include "preannotate/core/log.h"
#include "preannotate/data/split.h"
#include "preannotate/model/detect.h"
#include "stopwatch.h"

namespace preannotate {

namespace {

constexpr size_t kFewImages = 20;  // below this, folds instead of a hold-out
// So few objects in a hold-out calibrate nothing: folds then too.
constexpr size_t kFewHeldOut = 40;
// Of the steps, for a fold's training: it only judges, and there are several.
constexpr double kFoldSteps = 0.5;
constexpr int kHoldOutFolds = 5, kFoldsOfFew = 3;
// AP50 on some images: differences below this are noise, and the longer training is kept.
constexpr double kNoise = 0.01;
constexpr int kPatience = 3;

/// Which images judge which training: fold of each image, -1: trains always.
struct FitDivision {
  std::vector<int> fold;
  int trainings = 0;  // beside the one on all images
  std::string method, no_estimate_reason;
};

std::vector<int> folds_of(const SeedMaps& maps, const Dataset& seed, int folds,
                          std::uint64_t random_seed) {
  std::vector<std::vector<int>> labels;
  for (const size_t sample : maps.samples) {
    std::set<int> categories;
    for (const auto& label : seed.samples[sample].labels) {
      if (label.box && !label.crowd) categories.insert(label.category);
    }
    labels.emplace_back(categories.begin(), categories.end());
  }
  auto fold =
      multilabel_folds(labels, static_cast<int>(seed.categories.size()), folds, random_seed);
  // Copies of an image share its fold, so that none is judged by a detector that saw its copy.
  std::map<std::string, int> of_content;
  for (size_t i = 0; i < fold.size(); ++i) {
    fold[i] = of_content.emplace(maps.sha256[i], fold[i]).first->second;
  }
  // Copies of one image only: nothing would be left to train on.
  if (of_content.size() < 2) std::fill(fold.begin(), fold.end(), -1);
  return fold;
}

size_t objects_in(const SeedMaps& maps, const Dataset& seed) {
  size_t objects = 0;
  for (const size_t sample : maps.samples) {
    for (const auto& label : seed.samples[sample].labels) objects += label.box && !label.crowd;
  }
  return objects;
}

FitDivision divide(const SeedMaps& maps, const Dataset& seed, const DetectorFitOptions& options) {
  FitDivision division;
  const size_t n = maps.samples.size();
  division.fold.assign(n, -1);
  const bool asked_folds = options.folds && options.val <= 0;
  if (asked_folds && *options.folds == 0) {
    division.no_estimate_reason = "validation was switched off (--folds 0)";
    return division;
  }
  const bool enough = n >= kFewImages && objects_in(maps, seed) / kHoldOutFolds >= kFewHeldOut;
  const bool hold_out = options.val > 0 || (!asked_folds && enough);
  const double share = options.val > 0 ? options.val : 1.0 / kHoldOutFolds;
  const int folds = hold_out      ? std::max(2, static_cast<int>(std::lround(1 / share)))
                    : asked_folds ? *options.folds
                                  : kFoldsOfFew;
  if (n >= 2) {
    division.fold =
        folds_of(maps, seed, std::min(folds, static_cast<int>(n)), options.training.seed);
  }
  if (hold_out) {
    for (int& fold : division.fold) fold = fold == 0 ? 0 : -1;
  }
  const int last = *std::max_element(division.fold.begin(), division.fold.end());
  division.trainings = last + 1;
  char method[48] = "";
  if (hold_out) {
    std::snprintf(method, sizeof method, "hold-out %.0f %%", 100.0 / folds);
  } else {
    std::snprintf(method, sizeof method, "%d-fold out-of-fold", division.trainings);
  }
  if (division.trainings > 0) {
    division.method = method;
  } else {
    division.no_estimate_reason = "no class is in two images, so none can be held out";
  }
  return division;
}

/// What happens at one check over all trainings.
struct CheckState {
  double loss = 0;
  std::optional<Detector> detector;                // of all images
  std::map<int, Detector> judges;                  // by fold
  std::map<size_t, std::vector<DraftBox>> drafts;  // by image
  int trainings_done = 0;                          // that judged here
  double map50 = -1, map = -1;
};

/// The trainings of one fit, side by side.
class Trainings {
 public:
  Trainings(const SeedMaps& maps, const Dataset& seed, const DetectorPlan& plan,
            const DetectorFitOptions& options, const FitDivision& division)
      : maps_(maps),
        seed_(seed),
        plan_(plan),
        options_(options),
        division_(division),
        start_(plan.shape, plan.typical_width, plan.typical_height, options.training.seed),
        next_(options.whole ? 0 : 1),
        checks_(static_cast<size_t>(options.training.checks)),
        progress_("steps", static_cast<size_t>(options.whole ? options.training.steps : 0) +
                               static_cast<size_t>(steps_of_judge()) * division.trainings) {}

  void run() {
    std::vector<std::thread> threads;
    const int count = std::min(options_.workers, division_.trainings + (options_.whole ? 1 : 0));
    for (int i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
    for (auto& thread : threads) thread.join();
    if (failure_) std::rethrow_exception(failure_);
  }

  /// The last check unless an earlier one is better by more than noise; only where all judged.
  size_t chosen() const {
    size_t best = last_complete();
    for (size_t i = best; i-- > 0;) {
      if (complete(i) && checks_[i].map50 > checks_[best].map50 + kNoise) best = i;
    }
    return best;
  }

  CheckState& check(size_t i) { return checks_[i]; }
  int step_of(size_t i) const {
    return static_cast<int>(((i + 1) * options_.training.steps + checks_.size() - 1) /
                            checks_.size());
  }
  size_t checks() const { return checks_.size(); }

 private:
  int steps_of_judge() const {
    const int steps = options_.training.steps;
    const auto fewer = static_cast<int>(kFoldSteps * steps);
    return division_.trainings > 1 ? std::max(options_.training.checks, fewer) : steps;
  }
  bool complete(size_t i) const {
    const bool trained = checks_[i].detector || !options_.whole;
    return trained && checks_[i].trainings_done == division_.trainings;
  }
  size_t last_complete() const {
    for (size_t i = checks_.size(); i-- > 0;) {
      if (complete(i)) return i;
    }
    return 0;
  }

  void work() {
    at::set_num_threads(1);
    try {
      for (int training; (training = next_++) <= division_.trainings;) {
        train_without(training - 1);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      stopped_ = true;
    }
  }

  /// fold -1: on all images.
  void train_without(int fold) {
    std::vector<size_t> items, judged;
    for (size_t i = 0; i < maps_.samples.size(); ++i) {
      if (fold >= 0 && division_.fold[i] == fold) {
        judged.push_back(i);
      } else {
        items.insert(items.end(), maps_.items[i].begin(), maps_.items[i].end());
      }
    }
    DetectorTraining training = options_.training;
    training.seed += static_cast<std::uint64_t>(fold + 1);
    if (fold >= 0) training.steps = steps_of_judge();
    size_t at = 0;
    int reported = 0;
    const bool goes_on = fold < 0 && options_.start;
    train_detector(goes_on ? *options_.start : start_, maps_.data, items, training,
                   [&](const DetectorProgress& now, const Detector& averaged) {
                     advance(now, reported, fold);
                     reported = now.step;
                     if (!now.check) return !stopped_;
                     const size_t check = at++;
                     if (fold < 0) {
                       keep(check, now.loss, averaged);
                     } else {
                       judge(check, fold, judged, averaged);
                     }
                     return !stopped_ && !(enough_ && check >= enough_at_);
                   });
  }

  void advance(const DetectorProgress& now, int reported, int fold) {
    const std::lock_guard lock(mutex_);
    if (fold < 0) loss_ = now.loss;
    char text[64];
    if (map50_ >= 0) {
      std::snprintf(text, sizeof text, "loss %.2f, AP50 %.3f", loss_, map50_);
    } else {
      std::snprintf(text, sizeof text, "loss %.2f", loss_);
    }
    progress_.note(text);
    progress_.advance(static_cast<size_t>(now.step - reported));
  }

  void keep(size_t check, double loss, const Detector& averaged) {
    const std::lock_guard lock(mutex_);
    checks_[check].loss = loss;
    checks_[check].detector = averaged.copy();
  }

  void judge(size_t check, int fold, const std::vector<size_t>& images, const Detector& averaged) {
    std::map<size_t, std::vector<DraftBox>> drafts;
    const Detector ready = averaged.for_inference();
    for (const size_t image : images) drafts[image] = drafts_of(image, ready);
    const std::lock_guard lock(mutex_);
    CheckState& state = checks_[check];
    state.judges.emplace(fold, averaged.copy());
    state.drafts.merge(drafts);
    if (++state.trainings_done < division_.trainings) return;
    std::vector<DetectionImage> judged;
    for (const auto& [image, found] : state.drafts) {
      judged.push_back({truth_boxes(seed_.samples[maps_.samples[image]]), found});
    }
    const auto figures = coco_figures(judged, static_cast<int>(seed_.categories.size()));
    state.map50 = map50_ = figures.ap50;
    state.map = figures.ap;
    log_detail("AP50 " + std::to_string(figures.ap50) + ", AP " + std::to_string(figures.ap) +
               " at step " + std::to_string(step_of(check)));
    worse_ = figures.ap50 < best_map50_ - kNoise ? worse_ + 1 : 0;
    best_map50_ = std::max(best_map50_, figures.ap50);
    if (worse_ >= kPatience && !enough_) {
      enough_at_ = check;
      enough_ = true;
    }
  }

  std::vector<DraftBox> drafts_of(size_t image, const Detector& detector) const {
    const Sample& sample = seed_.samples[maps_.samples[image]];
    std::vector<std::int64_t> rows;
    for (const size_t item : maps_.items[image]) {
      rows.push_back(static_cast<std::int64_t>(item) * maps_.data.views_per_item);
    }
    auto maps = maps_.maps->gather(rows);
    maps.insert(maps.begin(), plan_.shape.strides.size() - maps.size(), torch::Tensor());
    return detect(detector, maps, maps_.placements[image], plan_.view.frame, sample.width,
                  sample.height, {});
  }

  const SeedMaps& maps_;
  const Dataset& seed_;
  const DetectorPlan& plan_;
  const DetectorFitOptions& options_;
  const FitDivision& division_;
  const Detector start_;

  std::atomic<int> next_;  // 0: on all images, then the folds
  std::atomic<bool> stopped_{false}, enough_{false};
  std::atomic<size_t> enough_at_{0};
  std::mutex mutex_;  // of all below
  std::vector<CheckState> checks_;
  Progress progress_;
  double loss_ = 0, map50_ = -1, best_map50_ = -1;
  int worse_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

DetectorFit fit_detector(const SeedMaps& seed_maps, const Dataset& seed, const DetectorPlan& plan,
                         const DetectorFitOptions& options) {
  const Stopwatch watch;
  const FitDivision division = divide(seed_maps, seed, options);
  Trainings trainings(seed_maps, seed, plan, options, division);
  trainings.run();

  DetectorFit fit;
  fit.method = division.method;
  fit.no_estimate_reason = division.no_estimate_reason;
  const size_t chosen = trainings.chosen();
  fit.chosen_step = trainings.step_of(chosen);
  for (size_t i = 0; i < trainings.checks(); ++i) {
    const CheckState& check = trainings.check(i);
    if (options.whole && !check.detector) break;
    fit.checks.push_back({trainings.step_of(i), check.loss, check.map50, check.map});
  }
  fit.detector = std::move(trainings.check(chosen).detector);
  for (auto& [fold, judge] : trainings.check(chosen).judges) {
    fit.judges.push_back(std::move(judge));  // folds count from 0
  }
  for (auto& [image, drafts] : trainings.check(chosen).drafts) {
    fit.judged.push_back(image);
    fit.judge_of.push_back(static_cast<size_t>(division.fold[image]));
    fit.boxes.push_back({truth_boxes(seed.samples[seed_maps.samples[image]]), std::move(drafts)});
  }
  fit.seconds = watch.seconds();
  return fit;
}

}  // namespace preannotate
