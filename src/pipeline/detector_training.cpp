#include "detector_training.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "box_acceptance.h"
#include "box_cost.h"
#include "data_hash.h"
#include "detection_report.h"
#include "detector_fit.h"
#include "detector_precision.h"
#include "detector_reference.h"
#include "detector_scores.h"
#include "detector_start.h"
#include "detector_unfreeze.h"
#include "learned.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/model/device.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/detection_figures.h"
#include "stopwatch.h"
#include "stream_size.h"
#include "train_report.h"
#include "training_options.h"

namespace preannotate {

namespace {

constexpr double kScoreSteps = 1e4;

Json checks_json(const DetectorFit& fit) {
  const auto known = [](double value) { return value < 0 ? Json() : Json(value); };
  Json checks = Json::array();
  for (const auto& check : fit.checks) {
    checks.push_back({{"step", check.step},
                      {"loss", check.loss},
                      {"map50", known(check.map50)},
                      {"map", known(check.map)}});
  }
  return {{"checks", checks}, {"chosen_step", fit.chosen_step}};
}

/// One detector training from seed to run.
class DetectorRunTraining {
 public:
  DetectorRunTraining(const TrainOptions& options, Seed seed, const Continuation* continuation)
      : options_(options),
        continuation_(continuation),
        seed_(std::move(seed)),
        cost_(read_box_cost(options.cost)),
        backbone_(std::make_unique<Backbone>(
            continuation ? load_backbone(continuation->parent, device_named(options.device))
                         : Backbone(square_backbone(options)))),
        plan_(plan_detector(seed_.dataset, *backbone_,
                            {options.imgsz, options.tile, options.augment.value_or("light")})),
        output_(options.output, options.force, run_entries()),
        size_(stream_size(options.workers, options.batch)) {}

  TrainResult run();

 private:
  void log_seed() const;
  void look();
  void fit();
  void unfreeze();
  void calibrate();
  std::vector<double> chosen_conf(const std::vector<DetectionImage>& boxes) const;
  Json data_json() const;
  Json head_json() const;
  Json metrics() const;
  std::vector<std::string> advice() const;
  JudgedBoxes judged_boxes() const;
  void choose_accept_scores(Json& metrics);
  void try_other_precisions(Json& metrics);
  std::optional<SeedReference> reference() const;
  RunManifest manifest(const Json& metrics) const;
  void save(Json& metrics);

  const TrainOptions& options_;
  const Continuation* continuation_;  // of update; else null
  Stopwatch watch_;
  Seed seed_;
  BoxCost cost_;
  std::unique_ptr<Backbone> backbone_;
  DetectorPlan plan_;
  OutputFolder output_;
  const StreamSize size_;
  Problems problems_;
  SeedMaps maps_;
  DetectorFitOptions fit_options_;
  DetectorFit fit_;
  PrecisionTrials trials_;
  Json fine_tune_;
  DetectorSettings settings_;
  JudgedBoxes judged_;
  std::optional<AcceptScores> accept_;
  std::string version_;
};

void DetectorRunTraining::log_seed() const {
  const auto& view = plan_.view;
  std::string strides;
  for (const int stride : plan_.shape.strides) {
    strides += (strides.empty() ? "" : ", ") + std::to_string(stride);
  }
  log_info("seed: " + std::to_string(seed_.dataset.samples.size()) + " images, " +
           std::to_string(count_boxes(seed_.dataset)) + " boxes, " +
           std::to_string(seed_.dataset.categories.size()) + " classes");
  if (!seed_.task_reason.empty()) log_info("task: detect, " + seed_.task_reason);
  log_info("backbone: " + backbone_->info().name + " at " + std::to_string(view.frame.width) +
           " x " + std::to_string(view.frame.height) + " px" +
           (view.tile_scale > 0 ? " in tiles" : "") + ", head on strides " + strides + ", on " +
           device_description(backbone_->device()));
}

void DetectorRunTraining::look() {
  note_reading_problems(seed_.dataset, problems_);
  SeedMapsOptions maps;
  maps.workers = size_.workers;
  maps.batch = size_.batch;
  maps.seed = options_.seed;
  maps.decode = options_.decode;
  maps_ = seed_maps(*backbone_, seed_.dataset, plan_, maps, problems_);
  problems_.log_summary(seed_.dataset.samples.size());
  size_t boxes = 0;
  for (const size_t sample : maps_.samples) {
    for (const auto& box : truth_boxes(seed_.dataset.samples[sample])) boxes += !box.crowd;
  }
  if (boxes == 0) {
    throw UserError(kBadInput, options_.data, ": none of the ", seed_.dataset.samples.size(),
                    " images can be read and has a box to learn from");
  }
  char text[128];
  std::snprintf(text, sizeof text, "features: %lld views in %s, %.0f MB in %s",
                static_cast<long long>(maps_.maps->views()), human_seconds(maps_.seconds).c_str(),
                static_cast<double>(maps_.maps->bytes()) / 1e6,
                maps_.maps->in_memory() ? "memory" : "a file");
  log_info(text);
}

void DetectorRunTraining::fit() {
  const bool hold_out = options_.unfreeze > 0 && options_.val <= 0;  // tuning is judged by it
  fit_options_.val = hold_out ? 0.2 : options_.val;
  fit_options_.folds = options_.folds;
  fit_options_.workers = size_.workers;
  fit_options_.training.seed = options_.seed;
  fit_options_.training.steps =
      options_.steps > 0 ? options_.steps : default_steps(maps_.samples.size(), plan_.shape);
  fit_options_.training.decay = default_decay(maps_.samples.size(), plan_.shape);
  std::optional<Detector> start;
  if (continuation_) start = continued(*continuation_->parent.detector, plan_, options_.seed);
  fit_options_.start = start ? &*start : nullptr;
  fit_ = fit_detector(maps_, seed_.dataset, plan_, fit_options_);
  log_info("head: " + std::to_string(fit_.chosen_step) + " of " +
           std::to_string(fit_options_.training.steps) + " steps kept, in " +
           human_seconds(fit_.seconds));
}

void DetectorRunTraining::unfreeze() {
  if (options_.unfreeze == 0) return;
  if (fit_.judges.size() != 1) {
    throw UserError(kBadInput, options_.data,
                    ": --unfreeze needs images to hold out, and no class is in two");
  }
  auto step =
      unfreeze_detector(*backbone_, seed_.dataset, plan_, maps_, fit_, options_, size_.workers);
  fine_tune_ = step.report;
  char text[160];
  std::snprintf(text, sizeof text, "unfreeze %d: held-out AP50 %.3f -> %.3f, %s", options_.unfreeze,
                step.report["map50_before"].get<double>(), step.report["map50_after"].get<double>(),
                step.kept ? "kept" : "not better, the frozen backbone stays");
  log_info(text);
  if (!step.kept) return;
  backbone_ = std::move(step.backbone);
  fit_.detector = std::move(step.detector);
  fit_.boxes = std::move(step.boxes);
}

/// Score maps, thresholds, and what the report says of them.
void DetectorRunTraining::calibrate() {
  const size_t classes = seed_.dataset.categories.size();
  settings_.view = plan_.view;
  settings_.shape = plan_.shape;
  if (fit_.boxes.empty()) {
    settings_.score_maps.assign(classes, {});
    settings_.conf.assign(classes, options_.conf.value_or(0.3));
    return;
  }
  settings_.score_maps = fit_box_maps(fit_.boxes, classes);
  for (const size_t image : fit_.judged) {
    judged_.images.push_back(seed_.dataset.samples[maps_.samples[image]].image);
  }
  judged_.uncalibrated = fit_.boxes;
  judged_.boxes = cross_calibrated(fit_.boxes, classes);
  const auto boxes = calibrated(fit_.boxes, settings_.score_maps);
  settings_.conf = chosen_conf(boxes);
  auto one_a_place = boxes;
  for (auto& image : one_a_place) mark_outshone(image.drafts, settings_.iou);
  const auto conf = chosen_conf(one_a_place);
  settings_.agnostic = correction_effort(one_a_place, conf, cost_).seconds <
                       correction_effort(boxes, settings_.conf, cost_).seconds;
  if (!settings_.agnostic) return;
  settings_.conf = conf;
  for (auto& image : judged_.boxes) mark_outshone(image.drafts, settings_.iou);
}

/// Not finer than the ledger writes scores.
std::vector<double> DetectorRunTraining::chosen_conf(
    const std::vector<DetectionImage>& boxes) const {
  const size_t classes = seed_.dataset.categories.size();
  auto chosen = options_.conf ? std::vector<double>(classes, *options_.conf)
                              : cheapest_thresholds(boxes, static_cast<int>(classes), cost_);
  for (double& conf : chosen) conf = std::floor(conf * kScoreSteps) / kScoreSteps;
  return chosen;
}

Json DetectorRunTraining::data_json() const {
  Json per_class = Json::object();
  std::vector<std::vector<TruthBox>> boxes;
  std::vector<long> counts(seed_.dataset.categories.size(), 0);
  long objects = 0;
  for (const size_t sample : maps_.samples) {
    boxes.push_back(truth_boxes(seed_.dataset.samples[sample]));
    for (const auto& box : boxes.back()) {
      if (box.crowd) continue;
      ++counts[static_cast<size_t>(box.category)];
      ++objects;
    }
  }
  for (size_t c = 0; c < counts.size(); ++c) per_class[seed_.dataset.categories[c]] = counts[c];
  return {{"path", utf8_path(options_.data)},
          {"images", maps_.samples.size()},
          {"objects", objects},
          {"per_class", per_class},
          {"sha256", hash_of_boxes(maps_.sha256, boxes, seed_.dataset.categories)},
          {"left_out", problems_json(problems_)}};
}

Json DetectorRunTraining::head_json() const {
  std::int64_t weights = 0;
  for (const auto& weight : fit_.detector->trained()) weights += weight.numel();
  return {{"kind", "detector"},
          {"strides", plan_.shape.strides},
          {"frame", {plan_.view.frame.width, plan_.view.frame.height}},
          {"tile_scale", plan_.view.tile_scale},
          {"channels", plan_.shape.channels},
          {"weights", weights},
          {"views", plan_.policy.views},
          {"steps", fit_options_.training.steps},
          {"warm_start", fit_options_.start != nullptr},
          {"batch", fit_options_.training.batch},
          {"weight_decay", fit_options_.training.decay}};
}

std::vector<std::string> DetectorRunTraining::advice() const {
  std::vector<std::string> sentences;
  const Json data = data_json();
  for (const auto& [name, count] : data["per_class"].items()) {
    if (count.get<long>() >= 5) continue;
    sentences.push_back("Class '" + name + "' has " + std::to_string(count.get<long>()) +
                        " boxes: expect its drafts to be poor until there are more.");
  }
  return sentences;
}

Json DetectorRunTraining::metrics() const {
  Json metrics{{"format_version", 1},
               {"tool_version", PREANNOTATE_VERSION},
               {"task", "detect"},
               {"classes", seed_.dataset.categories},
               {"data", data_json()},
               {"backbone",
                {{"name", backbone_->info().name},
                 {"sha256", backbone_->info().sha256},
                 {"input_size", {plan_.view.frame.width, plan_.view.frame.height}}}},
               {"head", head_json()},
               {"training", checks_json(fit_)},
               {"validation", nullptr},
               {"fine_tune", fine_tune_},
               {"advice", advice()}};
  if (fit_.boxes.empty()) {
    metrics["validation_reason"] = fit_.no_estimate_reason;
    log_info("no quality estimate: " + fit_.no_estimate_reason);
  } else {
    metrics["validation"] = detection_figures(judged_, seed_.dataset.categories, settings_.conf,
                                              cost_, fit_.method, options_.seed);
    log_info(fit_.method + ": " + detection_line(metrics["validation"]));
  }
  return metrics;
}

/// By scores that were calibrated on other images, of boxes that are shown.
void DetectorRunTraining::choose_accept_scores(Json& metrics) {
  if (!options_.target_precision) return;
  const auto acceptance =
      box_acceptance(judged_.boxes, settings_.conf, *options_.target_precision, options_.seed);
  const auto time = box_review_time(judged_.boxes, settings_.conf, cost_, acceptance);
  metrics["thresholds"] = acceptance_json(acceptance, *options_.target_precision,
                                          seed_.dataset.categories, "boxes", time);
  accept_ = acceptance.scores;
  log_info(acceptance_line(metrics["thresholds"]));
}

/// By the detectors that did not see the images, where there are some of this backbone.
void DetectorRunTraining::try_other_precisions(Json& metrics) {
  const bool tuned = fine_tune_.is_object() && fine_tune_.value("kept", false);
  std::vector<JudgedImages> parts(tuned ? 1 : fit_.judges.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    parts[i].run.manifest.classes = seed_.dataset.categories;
    parts[i].run.manifest.detector = settings_;
    parts[i].run.detector = tuned ? fit_.detector->copy() : std::move(fit_.judges[i]);
  }
  for (size_t i = 0; i < fit_.judged.size(); ++i) {
    const size_t part = tuned ? 0 : fit_.judge_of[i];
    parts[part].images.push_back(maps_.samples[fit_.judged[i]]);
  }
  trials_ = try_detector_precisions(std::move(parts), *backbone_, seed_.dataset, size_.workers);
  metrics["precision"] = trials_json(trials_.trials);
  log_trials(trials_.trials);
}

/// None of a tuned backbone: it has learned from all images.
std::optional<SeedReference> DetectorRunTraining::reference() const {
  const bool tuned = fine_tune_.is_object() && fine_tune_.value("kept", false);
  if (tuned || maps_.samples.empty()) return std::nullopt;
  const Precision precision = passed(trials_.trials).back();  // what predict takes
  return detector_reference(backbone_->with_precision(precision, trials_.ranges), seed_.dataset,
                            maps_, plan_.view, size_.workers, options_.seed);
}

void DetectorRunTraining::save(Json& metrics) {
  metrics["time"] = {
      {"total_s", watch_.seconds()},
      {"features_s", maps_.seconds},
      {"head_s", fit_.seconds},
      {"images_per_s", static_cast<double>(maps_.maps->views()) / std::max(maps_.seconds, 1e-9)}};
  write_detection_report(output_.path(), metrics, judged_, settings_.conf, seed_.dataset);

  Run run;
  run.manifest = manifest(metrics);
  run.detector = fit_.detector->copy();
  if (continuation_) run.manifest.lineage = continuation_->judge({run, *backbone_, metrics, {}});
  write_learned(output_.path(), maps_.sha256);
  version_ = save_run(output_.path(), run.manifest, fit_.detector->weights(), backbone_->bytes(),
                      {"metrics.json", "report.html", kLearnedFile})
                 .model_version;
  output_.commit();
  log_info("trained in " + human_seconds(watch_.seconds()) + ": " +
           printable(options_.output.string()) + " (model " + version_ + ")");
}

RunManifest DetectorRunTraining::manifest(const Json& metrics) const {
  RunManifest manifest;
  manifest.task = "detect";
  manifest.classes = seed_.dataset.categories;
  manifest.backbone = backbone_->info();
  manifest.detector = settings_;
  manifest.accept = accept_;
  if (accept_) manifest.promise = promise_of(metrics.at("thresholds"));
  manifest.precisions = passed(trials_.trials);
  manifest.ranges = trials_.ranges;
  manifest.reference = reference();
  manifest.data = metrics.at("data");
  manifest.options = options_json(options_);
  manifest.metrics = detection_headline(metrics.at("validation"));
  return manifest;
}

TrainResult DetectorRunTraining::run() {
  log_seed();
  look();
  fit();
  unfreeze();
  calibrate();
  Json metrics = this->metrics();
  choose_accept_scores(metrics);
  try_other_precisions(metrics);
  save(metrics);
  const Json& validation = metrics["validation"];
  return {metrics, validation.is_null() ? "" : detection_line(validation), version_,
          problems_.empty() || options_.allow_skipped ? kDone : problems_.exit_code()};
}

}  // namespace

TrainResult train_detector_run(const TrainOptions& options, Seed seed,
                               const Continuation* continuation) {
  return DetectorRunTraining(options, std::move(seed), continuation).run();
}

}  // namespace preannotate
