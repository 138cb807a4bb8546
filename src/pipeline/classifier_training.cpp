#include "classifier_training.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "acceptance.h"
#include "data_hash.h"
#include "dump_features.h"
#include "fine_tune_step.h"
#include "head_choice.h"
#include "judged_images.h"
#include "larger_side.h"
#include "learned.h"
#include "plain_view.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/model/device.h"
#include "preannotate/model/run_folder.h"
#include "precision_trial.h"
#include "stopwatch.h"
#include "stream_size.h"
#include "train_report.h"
#include "training_options.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

// The larger side that train tries when --imgsz is not given.
constexpr int kTrialSide = 320;
constexpr int kFolds = 5;
constexpr double kConf = 0.9;

/// At least two classes with an image that could be read.
void check_classes(const Seed& seed, const LabelledFeatures& features, const fs::path& path) {
  if (features.samples.empty()) {
    throw UserError(kBadInput, path, ": none of the ", seed.dataset.samples.size(),
                    " images can be read");
  }
  if (seed.task != "classify") return;
  std::vector<int> seen;
  for (const size_t sample : features.samples) seen.push_back(seed.labels[sample].at(0));
  const int first = seen.front();
  if (std::all_of(seen.begin(), seen.end(), [&](int label) { return label == first; })) {
    throw UserError(kBadInput, path, " has readable images of one class only, '",
                    seed.dataset.categories[static_cast<size_t>(first)],
                    "'; a classifier needs at least two");
  }
}

Json data_json(const Seed& seed, const LabelledFeatures& features, const Problems& problems,
               const fs::path& path) {
  Json per_class = Json::object();
  for (const auto& name : seed.dataset.categories) per_class[name] = 0;
  for (const size_t sample : features.samples) {
    if (seed.is_rejected(sample)) continue;
    for (const int category : seed.labels[sample]) {
      auto& count = per_class[seed.dataset.categories[static_cast<size_t>(category)]];
      count = count.get<long>() + 1;
    }
  }
  return {{"path", utf8_path(path)},
          {"images", features.samples.size()},
          {"per_class", per_class},
          {"sha256", hash_of_classes(seed, features.samples, features.sha256)},
          {"left_out", problems_json(problems)}};
}

Json head_json(const FittedHead& head, const TrainOptions& options, size_t views) {
  Json path = Json::array();
  for (const auto& point : head.fit.path) {
    path.push_back({{"lambda", point.lambda},
                    {"log_loss", point.log_loss},
                    {"accuracy", point.accuracy},
                    {"log_loss_error", point.log_loss_error}});
  }
  return {{"features", head.maps ? "embedding+maps" : "embedding"},
          {"dimension", head.fit.head.weight.size(1)},
          {"lambda", head.fit.head.lambda},
          {"pulled", head.pulled},
          {"balanced", head.fit.balanced},
          {"augment", options.augment.value_or("none")},
          {"views", views},
          {"path", path}};
}

/// The figures that run.json repeats.
Json headline(const Json& validation) {
  if (validation.is_null()) return nullptr;
  Json figures;
  for (const char* key : {"method", "items", "accuracy", "exact_match", "map", "macro_f1", "ece"}) {
    if (validation.contains(key)) figures[key] = validation[key];
  }
  return figures;
}

/// One training from seed to run; the steps of train_classifier_run() share this.
class Training {
 public:
  Training(const TrainOptions& options, Seed seed, const Continuation* continuation)
      : options_(options),
        continuation_(continuation),
        seed_(std::move(seed)),
        backbone_(std::make_unique<Backbone>(
            continuation ? load_backbone(continuation->parent, device_named(options.device))
                         : Backbone(backbone_options(options)))),
        output_(options.output, options.force, run_entries()) {
    if (seed_.task == "classify" && seed_.dataset.categories.size() < 2) {
      throw UserError(kBadInput, options.data, " has one class only, '",
                      seed_.dataset.categories.front(), "'; a classifier needs at least two");
    }
    extraction_.views = views_named(options.augment.value_or("none"));
    extraction_.resize = resize_named(options.resize);
    const auto size = stream_size(options.workers, options.batch, backbone_->device());
    extraction_.workers = size.workers;
    extraction_.batch = size.batch;
    extraction_.decode = options.decode;
  }

  TrainResult run() {
    log_seed();
    extract();
    Json metrics = metrics_frame();

    fit(metrics, options_.unfreeze > 0 && options_.val == 0 ? 0.2 : options_.val);
    unfreeze(metrics);
    look_at_larger_side(metrics);
    measure(metrics);
    choose_accept_scores(metrics);
    try_other_precisions(metrics);
    save(metrics);
    const Json& validation = metrics["validation"];
    return {metrics, validation.is_null() ? "" : figures_line(validation), version_,
            problems_.empty() || options_.allow_skipped ? kDone : problems_.exit_code()};
  }

 private:
  void log_seed() const;
  void extract();
  Json metrics_frame() const;
  void fit(Json& metrics, double val);
  void look_at_larger_side(Json& metrics);
  void unfreeze(Json& metrics);
  void measure(Json& metrics);
  void choose_accept_scores(Json& metrics);
  void try_other_precisions(Json& metrics);
  torch::Tensor features_in(Precision precision, const std::vector<size_t>& samples) const;
  std::optional<SeedReference> reference() const;
  RunManifest manifest(const Json& metrics) const;
  void save(Json& metrics);

  const TrainOptions& options_;
  const Continuation* continuation_;  // of update; else null
  Stopwatch watch_;
  Seed seed_;
  std::unique_ptr<Backbone> backbone_;
  OutputFolder output_;
  FeatureOptions extraction_;
  Problems problems_;
  LabelledFeatures features_;
  Division division_;
  FittedHead head_;
  torch::Tensor tuned_features_;  // [judged, D] by the tuned backbone, where that was kept
  double head_s_ = 0;
  Judged judged_;
  std::optional<AcceptScores> accept_;
  PrecisionTrials trials_;
  std::string version_;
};

void Training::log_seed() const {
  const auto counts = images_per_category(seed_);
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  log_info("seed: " + std::to_string(seed_.dataset.samples.size()) + " images, " +
           std::to_string(counts.size()) + " classes of " +
           (*least == *most ? "" : std::to_string(*least) + " to ") + std::to_string(*most) +
           " images");
  if (!seed_.task_reason.empty()) log_info("task: " + seed_.task + ", " + seed_.task_reason);
  log_info("backbone: " + backbone_->info().name + " at " + std::to_string(backbone_->side()) +
           " px on " + device_description(backbone_->device()));
}

void Training::extract() {
  features_ = extract_cached(*backbone_, seed_.dataset, extraction_, options_.cache, problems_);
  problems_.log_summary(seed_.dataset.samples.size());
  check_classes(seed_, features_, options_.data);
  const size_t looked_at = features_.samples.size() * extraction_.views.size();
  log_info("features: " + std::to_string(looked_at) + " views in " +
           human_seconds(features_.seconds));
}

Json Training::metrics_frame() const {
  return {{"format_version", 1},
          {"tool_version", PREANNOTATE_VERSION},
          {"task", seed_.task},
          {"classes", seed_.dataset.categories},
          {"data", data_json(seed_, features_, problems_, options_.data)},
          {"backbone",
           {{"name", backbone_->info().name},
            {"sha256", backbone_->info().sha256},
            {"input_size", {backbone_->side(), backbone_->side()}}}},
          {"head", nullptr},
          {"feature_choice", Json::array()},
          {"validation", nullptr},
          {"fine_tune", nullptr},
          {"advice", Json::array()}};
}

void Training::fit(Json& metrics, double val) {
  const Stopwatch watch;
  metrics["feature_choice"] = Json::array();
  std::optional<EarlierHead> earlier;
  if (continuation_) {
    const Run& parent = continuation_->parent;
    earlier = EarlierHead{parent.head, parent.manifest.maps, continuation_->known};
  }
  division_ = divide(features_, seed_, val, options_.folds.value_or(kFolds), options_.seed);
  head_ = choose_head(features_, seed_, division_, backbone_->layout(), options_.features,
                      backbone_->side(), extraction_.workers, metrics["feature_choice"],
                      earlier ? &*earlier : nullptr);
  head_s_ = watch.seconds();
  metrics["head"] = head_json(head_, options_, extraction_.views.size());
  log_info("head: " + metrics["head"]["features"].get<std::string>() + ", lambda " +
           std::to_string(head_.fit.head.lambda) + ", in " + human_seconds(head_s_));
}

void Training::look_at_larger_side(Json& metrics) {
  const bool wanted = options_.imgsz == 0 && backbone_->side() < kTrialSide &&
                      kTrialSide % backbone_->info().side_multiple == 0;

  if (!wanted || metrics["fine_tune"].is_object()) return;
  const auto sentence =
      try_larger_side(*backbone_, kTrialSide, features_, seed_, division_, head_.maps, extraction_,
                      options_.cache, metrics["feature_choice"]);
  if (!sentence.empty()) metrics["advice"].push_back(sentence);
}

void Training::unfreeze(Json& metrics) {
  if (options_.unfreeze == 0) return;
  if (division_.held_out.empty()) {
    throw UserError(kBadInput, options_.data,
                    ": --unfreeze needs images to hold out, and no class has two");
  }
  auto step =
      try_fine_tuning(*backbone_, head_, features_, seed_, division_, extraction_, options_);
  metrics["fine_tune"] = step.report;
  const bool kept = step.head.has_value();
  char text[160];
  std::snprintf(text, sizeof text, "unfreeze %d: held-out log-loss %.3f -> %.3f, %s",
                options_.unfreeze, step.report["log_loss_before"].get<double>(),
                step.report["log_loss_after"].get<double>(),
                kept ? "kept" : "not better, the frozen backbone stays");
  log_info(text);
  if (!kept) {
    if (options_.val == 0) fit(metrics, 0);  // nothing needs to be held out any more
    return;
  }
  head_ = std::move(*step.head);
  backbone_ = std::move(step.backbone);
  tuned_features_ = std::move(step.held_out);
  metrics["backbone"]["sha256"] = backbone_->info().sha256;
}

void Training::measure(Json& metrics) {
  if (division_.method.empty()) {
    metrics["validation_reason"] = division_.no_estimate_reason;
    log_info("no quality estimate: " + division_.no_estimate_reason);
    return;
  }
  judged_ = judged_images(head_, features_, seed_, head_.temperature);
  Json figures = validation_figures(judged_, seed_.task, seed_.dataset.categories, division_.method,
                                    options_.seed);
  const auto raw = validation_figures(judged_images(head_, features_, seed_, 1), seed_.task,
                                      seed_.dataset.categories, division_.method, options_.seed);
  if (raw.contains("ece")) figures["ece_before_calibration"] = raw["ece"]["value"];
  figures["temperature"] = head_.temperature;
  metrics["validation"] = figures;
  log_info(division_.method + ": " + figures_line(figures));
}

void Training::choose_accept_scores(Json& metrics) {
  if (!options_.target_precision) return;
  const size_t classes = seed_.dataset.categories.size();
  const auto acceptance =
      class_acceptance(judged_, seed_.task, classes, *options_.target_precision, options_.seed);
  const auto time = class_review_time(judged_, seed_.task, classes, acceptance);
  metrics["thresholds"] = acceptance_json(acceptance, *options_.target_precision,
                                          seed_.dataset.categories, "images", time);
  accept_ = acceptance.scores;
  log_info(acceptance_line(metrics["thresholds"]));
}

void Training::try_other_precisions(Json& metrics) {
  trials_ = try_precisions(*backbone_, head_, features_, seed_, division_, extraction_);
  metrics["precision"] = trials_json(trials_.trials);
  log_trials(trials_.trials);
}

/// [samples, D], the plain view in another precision.
torch::Tensor Training::features_in(Precision precision, const std::vector<size_t>& samples) const {
  Dataset dataset = seed_.dataset;
  dataset.samples.clear();
  for (const size_t sample : samples) dataset.samples.push_back(seed_.dataset.samples[sample]);
  FeatureOptions plain = extraction_;
  plain.views = {extraction_.views.front()};
  Problems none;
  const Backbone other = backbone_->with_precision(precision, trials_.ranges);
  return extract_features(other, dataset, plain, none).features.select(1, 0);
}

/// Images with a class from a head that had not learned from them; a tuned backbone had not either.
std::optional<SeedReference> Training::reference() const {
  ReferenceImages images;
  std::vector<std::int64_t> rows;  // of the features
  std::vector<size_t> samples;     // of the seed
  const auto add = [&](const torch::Tensor& logits, const std::vector<size_t>& of, bool tuned) {
    const auto scores = rows_of(logits);
    for (size_t i = 0; i < scores.size(); ++i) {
      if (scores[i].empty()) continue;  // in no fold
      rows.push_back(static_cast<std::int64_t>(tuned ? i : of[i]));
      images.classes.push_back(top_class(scores[i]));
      samples.push_back(features_.samples[of[i]]);
      images.sha256.push_back(features_.sha256[of[i]]);
    }
  };
  const bool tuned = tuned_features_.defined();
  if (head_.judged.defined()) add(head_.judged, head_.images, tuned);
  const bool held_out = !division_.held_out.empty();
  if (held_out && !tuned && head_.fit.out_of_fold.defined()) {
    add(head_.fit.out_of_fold, division_.train, false);
  }
  if (rows.empty()) return std::nullopt;
  // What predict takes; bf16 moves features too little to be told from fp32.
  const bool int8 = passed(trials_.trials).back() == Precision::kInt8;
  images.precision = int8 ? Precision::kInt8 : Precision::kFp32;
  images.features = int8 ? features_in(Precision::kInt8, samples)
                         : (tuned ? tuned_features_ : features_.features.select(1, 0))
                               .index_select(0, torch::tensor(rows, torch::kInt64));
  if (images.features.size(0) != static_cast<std::int64_t>(rows.size())) return std::nullopt;
  images.blocks = features_.layout.maps;
  images.blocks.insert(images.blocks.begin(), features_.layout.embedding);
  return seed_reference(images, options_.seed);
}

void Training::save(Json& metrics) {
  for (const auto& [name, count] : metrics["data"]["per_class"].items()) {
    if (count.get<long>() == 1) {
      metrics["advice"].push_back("Class '" + name +
                                  "' has a single image: it is trained on but not validated; "
                                  "trust its drafts little.");
    }
  }
  const double total = watch_.seconds();
  metrics["time"] = {{"total_s", total},
                     {"features_s", features_.seconds},
                     {"head_s", head_s_},
                     {"images_per_s", static_cast<double>(features_.samples.size()) /
                                          std::max(features_.seconds, 1e-9)}};
  write_report(output_.path(), metrics, mistake_pictures(judged_, seed_.task, seed_.dataset));

  Run run;
  run.manifest = manifest(metrics);
  run.head = head_.fit.head;
  if (continuation_) {
    run.manifest.lineage =
        continuation_->judge({run, *backbone_, metrics, {&seed_, &features_, &head_}});
  }
  write_learned(output_.path(), features_.sha256);
  version_ = save_run(output_.path(), run.manifest, weights_of(head_.fit.head), backbone_->bytes(),
                      {"metrics.json", "report.html", kLearnedFile})
                 .model_version;
  if (!options_.dump_features.empty()) {
    dump_features(options_.dump_features, features_, seed_, division_, head_);
  }
  output_.commit();
  log_info("trained in " + human_seconds(watch_.seconds()) + ": " +
           printable(options_.output.string()) + " (model " + version_ + ")");
}

RunManifest Training::manifest(const Json& metrics) const {
  RunManifest manifest;
  manifest.task = seed_.task;
  manifest.classes = seed_.dataset.categories;
  manifest.backbone = backbone_->info();
  manifest.side = backbone_->side();
  manifest.resize = extraction_.resize;
  manifest.maps = head_.maps;
  manifest.link = seed_.task == "classify" ? Link::kSoftmax : Link::kSigmoid;
  manifest.temperature = head_.temperature;
  manifest.lambda = head_.fit.head.lambda;
  manifest.conf = options_.conf.value_or(kConf);
  manifest.accept = accept_;
  if (accept_) manifest.promise = promise_of(metrics.at("thresholds"));
  manifest.precisions = passed(trials_.trials);
  manifest.ranges = trials_.ranges;
  manifest.reference = reference();
  manifest.data = metrics.at("data");
  manifest.options = options_json(options_);
  manifest.metrics = headline(metrics.at("validation"));
  return manifest;
}

}  // namespace

TrainResult train_classifier_run(const TrainOptions& options, Seed seed,
                                 const Continuation* continuation) {
  return Training(options, std::move(seed), continuation).run();
}

}  // namespace preannotate
