#include "preannotate/pipeline/predict.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "box_drafting.h"
#include "draft_tally.h"
#include "drafting.h"
#include "folder_drift.h"
#include "kept_answers.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/drafts.h"
#include "preannotate/data/fit.h"
#include "preannotate/data/format.h"
#include "preannotate/data/journal.h"
#include "preannotate/model/accept_scores.h"
#include "preannotate/model/device.h"
#include "prediction_inputs.h"
#include "prediction_journal.h"
#include "prediction_options.h"
#include "report_drafts.h"
#include "stopwatch.h"
#include "stream_size.h"
#include "thumbnail_file.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> drafts_entries(bool with_answers) {
  std::vector<std::string> names{"drafts.jsonl", "summary.json", "report.html", "run.json"};
  if (with_answers) names.insert(names.end(), {"review.jsonl", "selections"});
  for (const auto* format : dataset_formats()) names.emplace_back(format->name);
  return names;
}

/// "bf16 (AMX bf16)"; all there is to say where it is not as wanted.
std::string engine_line(const Backbone& backbone, Precision wanted) {
  const std::string& engine = backbone.engine();
  const bool as_wanted = backbone.compiled() && backbone.precision() == wanted;
  return as_wanted ? engine.substr(0, engine.find(':')) : engine;
}

/// "cuda:0, cuda:1"
std::string device_list(const Backbone& backbone,
                        const std::vector<std::unique_ptr<Backbone>>& replicas) {
  std::string text = device_description(backbone.device());
  for (const auto& replica : replicas) text += ", " + device_description(replica->device());
  return text;
}

class Prediction {
 public:
  explicit Prediction(const PredictOptions& options)
      : options_(options),
        formats_(formats_named(options.formats)),
        run_(load_run(options.model)),
        inputs_(options),
        output_(options.output, options.force || options.keep_answers,
                drafts_entries(options.keep_answers), {kJournalFiles, options.resume}),
        scores_by_class_(scores_by_class(options, run_.manifest)),
        conf_(conf_json(run_.manifest, options.conf, scores_by_class_.has_value())),
        tally_(run_.manifest.classes.size()) {
    check_options_for(run_.manifest, options, formats_);
    if (!options.keep_answers) return;
    kept_.emplace(output_.final_path(), run_.manifest.classes);
    kept_->take_from(inputs_);
  }

  PredictResult run();

 private:
  void write_ledger(const Backbone& backbone);
  void choose_stream(const Backbone& backbone);
  JournalHeader header(const Backbone& backbone) const;
  std::uint64_t replay();
  void draft_classes(const Backbone& backbone, Journal& ledger);
  void draft_objects(const Backbone& backbone, Journal& ledger);
  BoxOptions wanted_boxes() const;
  Json thresholds_json() const;
  void record(Journal& ledger, const LedgerEntry& entry);
  void record_given(Journal& ledger, const std::string* before);
  void count(const LedgerEntry& entry);
  void write_formats();
  void write_report(const Json& summary) const;
  Json summary() const;
  Json provenance(const Backbone& backbone) const;

  const PredictOptions& options_;
  Stopwatch watch_;
  std::vector<const DatasetFormat*> formats_;
  Run run_;
  PredictionInputs inputs_;
  OutputFolder output_;
  std::optional<KeptAnswers> kept_;
  std::optional<AcceptScores> scores_by_class_;
  Json conf_;  // as conf_json() has it
  DraftTally tally_;
  std::optional<FolderDrift> drift_;  // from when the backbone is there
  Problems problems_;
  size_t next_image_ = 0, next_given_ = 0;  // to be recorded
  size_t resumed_ = 0;                      // images that an interrupted run had looked at
  StreamSize size_;
  std::vector<std::unique_ptr<Backbone>> replicas_;  // on the devices after the first
  double load_s_ = 0, predict_s_ = 0, write_s_ = 0;
};

void Prediction::count(const LedgerEntry& entry) {
  tally_.add(entry);
  // What an earlier model found strange says nothing of this one.
  if (!inputs_.is_answered(entry.sample.image)) drift_->add(entry);
  if (!entry.reason.empty()) problems_.add({entry.sample.image, entry.reason, entry.detail});
}

void Prediction::record(Journal& ledger, const LedgerEntry& entry) {
  ledger.append(entry, run_.manifest.classes);
  output_.keep();  // there is something to go on from
  count(entry);
}

/// Lines that are given and come before `before` (all, when null).
void Prediction::record_given(Journal& ledger, const std::string* before) {
  for (; next_given_ < inputs_.given.size(); ++next_given_) {
    const LedgerEntry& entry = inputs_.given[next_given_];
    if (before && entry.sample.image >= *before) return;
    record(ledger, entry);
  }
}

void Prediction::draft_classes(const Backbone& backbone, Journal& ledger) {
  FeatureOptions extraction;
  extraction.views = options_.tta ? tta_views() : views_named("none");
  extraction.resize = run_.manifest.resize;
  extraction.workers = size_.workers;
  extraction.batch = size_.batch;
  extraction.decode = options_.decode;
  for (const auto& replica : replicas_) extraction.replicas.push_back(replica.get());
  const size_t views = extraction.views.size();
  const AcceptScores accept = accept_scores(run_.manifest, options_.conf, scores_by_class_);
  FeatureStream stream(backbone, inputs_.paths(next_image_), std::move(extraction));
  Progress progress("images", inputs_.images.size());
  progress.advance(next_image_);
  for (; auto item = stream.next(); ++next_image_) {
    const std::string& key = inputs_.images[next_image_].image;
    record_given(ledger, &key);
    const auto& image = item->image;
    if (!image.reason.empty()) {
      record(ledger, left_out(key, image.reason, image.detail));
    } else {
      auto entry = draft(image, key, scores_of(item->features, views, run_), run_.manifest, accept);
      const std::span<const float> features(item->features);
      drift_->place(entry, features.first(features.size() / views));  // the plain view is the first
      record(ledger, entry);
    }
    progress.advance();
  }
}

Json Prediction::thresholds_json() const {
  return scores_by_class_ ? accept_scores_json(*scores_by_class_, run_.manifest.classes) : Json();
}

BoxOptions Prediction::wanted_boxes() const {
  BoxOptions boxes = box_options(*run_.manifest.detector, options_.conf);
  if (options_.iou) {
    boxes.detect.sigma = 0;
    boxes.detect.iou = *options_.iou;
  }
  boxes.detect.max_det = options_.max_det.value_or(boxes.detect.max_det);
  boxes.agnostic = options_.agnostic_nms.value_or(boxes.agnostic);
  boxes.tta = options_.tta;
  boxes.workers = size_.workers;
  boxes.batch = size_.batch;
  boxes.decode = options_.decode;
  return boxes;
}

void Prediction::draft_objects(const Backbone& backbone, Journal& ledger) {
  const BoxOptions boxes = wanted_boxes();
  const AcceptScores accept = accept_scores(run_.manifest, options_.conf, scores_by_class_);
  FrameStream stream(backbone, inputs_.paths(next_image_), box_stream(run_, backbone, boxes));
  Progress progress("images", inputs_.images.size());
  progress.advance(next_image_);
  for (; auto item = stream.next(); ++next_image_) {
    const std::string& key = inputs_.images[next_image_].image;
    record_given(ledger, &key);
    const auto& image = item->image;
    if (!image.reason.empty()) {
      record(ledger, left_out(key, image.reason, image.detail));
    } else {
      auto entry = draft_boxes(image, key, item->boxes, run_.manifest, boxes.conf, accept);
      drift_->place(entry, item->summary);
      record(ledger, entry);
    }
    progress.advance();
  }
}

void Prediction::choose_stream(const Backbone& backbone) {
  size_ = run_.manifest.detector ? stream_size(options_.workers, options_.batch)
                                 : tried_stream_size(backbone, options_.workers, options_.batch,
                                                     inputs_.images.size());
}

JournalHeader Prediction::header(const Backbone& backbone) const {
  const Json all = provenance(backbone)["options"];
  Json options = Json::object();
  for (const auto& [name, value] : all.items()) {
    // Formats are written from the finished ledger: another run may write others.
    if (name == "formats") continue;
    std::string option = "--" + name;
    std::replace(option.begin(), option.end(), '_', '-');
    options[option] = value;
  }
  return {run_.manifest.model_version,
          options,
          device_list(backbone, replicas_),
          backbone.engine(),
          digest_of(inputs_.images),
          inputs_.images.size(),
          size_.workers,
          size_.batch};
}

/// Counts what an interrupted run has recorded, up to the last whole batch, so that the same images
/// share a pass as without the interruption. The bytes of the ledger up to there.
std::uint64_t Prediction::replay() {
  const fs::path path = output_.path() / "drafts.jsonl";
  const auto is_image = [&](const LedgerEntry& entry, size_t next) {
    return next < inputs_.images.size() && entry.sample.image == inputs_.images[next].image;
  };
  size_t whole = 0;
  for (JournalReader reader(path, run_.manifest.classes); const auto entry = reader.next();)
    whole += is_image(*entry, whole);
  if (whole < inputs_.images.size()) whole -= whole % static_cast<size_t>(size_.batch);
  JournalReader reader(path, run_.manifest.classes);
  std::uint64_t end = 0;
  while (next_image_ < whole) {
    const auto entry = reader.next();
    is_image(*entry, next_image_) ? ++next_image_ : ++next_given_;
    count(*entry);
    end = reader.end();
  }
  log_info("going on behind " + human_count(next_image_) + " of " +
           human_count(inputs_.images.size()) + " images");
  return end;
}

void Prediction::write_ledger(const Backbone& backbone) {
  std::uint64_t begin = 0;
  if (output_.resumed()) {
    const JournalHeader was = checked_header(output_.path(), header(backbone));
    size_ = {was.workers, was.batch};
    begin = replay();
    resumed_ = tally_.looked_at();
  } else {
    choose_stream(backbone);
    write_header(output_.path(), header(backbone));
  }
  Journal ledger(output_.path() / "drafts.jsonl", begin);
  try {
    run_.manifest.detector ? draft_objects(backbone, ledger) : draft_classes(backbone, ledger);
    record_given(ledger, nullptr);
    ledger.finish();
  } catch (...) {
    log_info(human_count(next_image_) + " of " + human_count(inputs_.images.size()) +
             " images are done; the same command with --resume goes on from there");
    throw;
  }
}

/// From the ledger and the answers that were kept, so that they and formats cannot disagree.
void Prediction::write_formats() {
  if (formats_.empty()) return;
  Dataset dataset = read_drafts(output_.path());
  dataset.image_root.clear();  // several sources have none
  for (const auto* files : {&inputs_.images, &inputs_.answered}) {
    for (const auto& image : *files) dataset.elsewhere[image.image] = image.path;
  }
  for (const auto* format : formats_) {
    const fs::path folder = output_.path() / format->name;
    make_folder(folder);
    const Fitted fit = fitted(dataset, *format);
    for (const auto& loss : fit.losses) log_detail(std::string(format->name) + ": " + loss);
    format->write(fit.dataset, folder);
  }
}

void Prediction::write_report(const Json& summary) const {
  std::vector<StrangePicture> pictures;
  for (const StrangeImage& strange : drift_->strangest()) {
    const auto path = inputs_.path_of(strange.image);
    pictures.push_back({strange, path.empty() ? "" : thumbnail_of_file(path, options_.decode)});
  }
  write_file(output_.path() / "report.html", drafts_report(summary, pictures));
}

Json Prediction::summary() const {
  Json summary = {{"format_version", 1}, {"model_version", run_.manifest.model_version}};
  tally_.report(summary, run_.manifest.classes);
  if (kept_) summary["answered"] = inputs_.answered.size();
  summary["conf"] = conf_;
  summary["thresholds"] = thresholds_json();
  summary["drift"] = drift_->report();
  const auto computed = static_cast<double>(tally_.looked_at() - resumed_);
  summary["time"] = {{"workers", size_.workers},
                     {"batch", size_.batch},
                     {"load_s", load_s_},
                     {"predict_s", predict_s_},
                     {"write_s", write_s_},
                     {"total_s", watch_.seconds()},
                     {"images_per_s", computed / std::max(predict_s_, 1e-9)}};
  return summary;
}

Json Prediction::provenance(const Backbone& backbone) const {
  Json sources = Json::array();
  for (const auto& source : options_.sources) sources.push_back(utf8_path(source));
  Json formats = Json::array();
  for (const auto* format : formats_) formats.push_back(format->name);
  return {{"format_version", 1},
          {"kind", "drafts"},
          {"tool_version", PREANNOTATE_VERSION},
          {"model_version", run_.manifest.model_version},
          {"model", utf8_path(fs::absolute(options_.model).lexically_normal())},
          {"task", run_.manifest.task},
          {"categories", run_.manifest.classes},
          {"backbone", {{"name", backbone.info().name}, {"sha256", backbone.info().sha256}}},
          {"source", sources},
          {"options",
           {{"conf", conf_},
            {"thresholds", thresholds_json()},
            {"iou", options_.iou ? Json(*options_.iou) : Json()},
            {"max_det", options_.max_det ? Json(*options_.max_det) : Json()},
            {"agnostic_nms", options_.agnostic_nms ? Json(*options_.agnostic_nms) : Json()},
            {"tta", options_.tta},
            {"max_pixels", options_.decode.max_pixels},
            {"max_file_size", options_.decode.max_file_bytes},
            {"formats", formats},
            {"precision", options_.precision},
            {"batch", options_.batch ? Json(*options_.batch) : Json()}}},
          {"device", device_list(backbone, replicas_)},
          {"engine", backbone.engine()}};
}

PredictResult Prediction::run() {
  const auto devices = run_.manifest.detector ? std::vector{device_named(options_.device)}
                                              : devices_named(options_.device);
  const Precision precision = precision_for(run_, options_.precision, devices.front());
  const Backbone backbone = load_backbone(run_, devices.front(), precision);
  for (size_t i = 1; i < devices.size(); ++i) {
    replicas_.push_back(
        std::make_unique<Backbone>(load_backbone(run_, devices[i], backbone.precision())));
  }
  drift_.emplace(run_.manifest, backbone.precision());
  load_s_ = watch_.seconds();
  log_info("model " + run_.manifest.model_version + " (" + backbone.info().name + ", " +
           std::to_string(run_.manifest.classes.size()) + " classes) on " +
           device_list(backbone, replicas_) + ", " + engine_line(backbone, precision));
  write_ledger(backbone);
  predict_s_ = watch_.seconds() - load_s_;
  write_file(output_.path() / "run.json", json_text(provenance(backbone), 1) + "\n");
  if (kept_) kept_->carry_over(output_.path());
  write_formats();
  write_s_ = watch_.seconds() - load_s_ - predict_s_;
  const Json summary = this->summary();
  write_file(output_.path() / "summary.json", json_text(summary, 1) + "\n");
  write_report(summary);
  std::error_code ignored;  // the commit fails where this did
  fs::remove(output_.path() / "journal.json", ignored);
  output_.commit();
  problems_.log_summary(tally_.found());
  if (tally_.copies() > 0)
    log_info(human_count(tally_.copies()) + " images have the same content as another");
  if (const auto warning = drift_warning(summary["drift"]); !warning.empty()) log_warning(warning);
  return {summary, problems_.empty() || options_.allow_skipped ? kDone : problems_.exit_code()};
}

PredictResult dry_run(const PredictOptions& options) {
  const Run run = load_run(options.model);
  check_options_for(run.manifest, options, formats_named(options.formats));
  scores_by_class(options, run.manifest);
  const PredictionInputs inputs(options);
  if (!options.resume) {
    const OutputFolder check(options.output, options.force || options.keep_answers,
                             drafts_entries(options.keep_answers));
  }
  std::uintmax_t bytes = 0;
  for (const auto& image : inputs.images) {
    std::error_code ignored;
    const auto size = fs::file_size(image.path, ignored);
    if (!ignored) bytes += size;
  }
  return {{{"dry_run", true},
           {"model_version", run.manifest.model_version},
           {"found", inputs.images.size() + inputs.given.size()},
           {"readable", inputs.images.size()},
           {"bytes", bytes}},
          kDone};
}

}  // namespace

PredictResult predict(const PredictOptions& options) {
  check_options(options);
  if (!options.keep_answers && holds_answers(options.output)) {
    throw UserError(kOutputExists, options.output,
                    " holds answers of people or selections for them; --keep-answers drafts anew "
                    "what nobody answered and keeps the rest, or choose another folder");
  }
  if (options.dry_run) return dry_run(options);
  return Prediction(options).run();
}

}  // namespace preannotate
