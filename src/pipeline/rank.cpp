#include "preannotate/pipeline/rank.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "backbone_files.h"
#include "feature_evidence.h"
#include "judged_images.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/model/device.h"
#include "preannotate/model/parameter_count.h"
#include "rank_source.h"
#include "recommendation.h"
#include "report_rank.h"
#include "stopwatch.h"
#include "stream_size.h"
#include "train_report.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

/// One backbone that was judged.
struct Ranked {
  std::unique_ptr<Backbone> backbone;
  Json figures;               // of rank.json
  std::vector<double> loss;   // of each judged item
  std::vector<double> right;  // 1: all its labels are
  double log_loss() const { return figures.at("log_loss").get<double>(); }
};

std::vector<double> all_right(const Judged& judged, const std::string& task) {
  std::vector<double> right;
  for (size_t i = 0; i < judged.scores.size(); ++i) {
    const auto& scores = judged.scores[i];
    bool is = top_class(scores) == (judged.labels[i].empty() ? -1 : judged.labels[i].front());
    if (task != "classify") {
      std::vector<int> drafted;
      for (size_t c = 0; c < scores.size(); ++c) {
        if (scores[c] >= kLabelThreshold) drafted.push_back(static_cast<int>(c));
      }
      is = drafted == judged.labels[i];
    }
    right.push_back(is);
  }
  return right;
}

/// A number for each content, of each judged image: its parts and copies are drawn together.
std::vector<size_t> groups_of(const Judged& judged, const LabelledFeatures& features,
                              const Seed& items) {
  std::map<std::string, std::string> content;  // of each image
  for (size_t i = 0; i < features.samples.size(); ++i) {
    content[items.dataset.samples[features.samples[i]].image] = features.sha256[i];
  }
  std::map<std::string, size_t> numbers;
  std::vector<size_t> groups;
  for (const auto& image : judged.images) {
    groups.push_back(numbers.emplace(content[image], numbers.size()).first->second);
  }
  return groups;
}

/// Targets of LogME: [N, C], 1 where the item has the class.
torch::Tensor indicators(const LabelledFeatures& features, const Seed& items) {
  std::vector<std::vector<int>> labels;
  for (const size_t sample : features.samples) labels.push_back(items.labels[sample]);
  return targets_of(labels, items.dataset.categories.size(), Link::kSigmoid);
}

/// "log-loss 0.487, accuracy 0.807"
std::string in_words(const Json& figures) {
  const bool single = figures.contains("accuracy");
  char text[96];
  std::snprintf(text, sizeof text, "log-loss %.3f, %s %.3f", figures.at("log_loss").get<double>(),
                single ? "accuracy" : "mAP",
                (single ? figures.at("accuracy").at("value") : figures.at("map")).get<double>());
  return text;
}

Json as_json(const PairedDifference& difference) {
  return {{"value", difference.value}, {"low", difference.low}, {"high", difference.high}};
}

class Ranking {
 public:
  explicit Ranking(const RankOptions& options) : options_(options) {
    if (options.folds < 2) {
      throw UserError(kUsageError, "--folds ", options.folds, ": expected 2 or more");
    }
    files_ = backbone_files(options.backbones);
    if (!options.output.empty()) {
      const std::vector<std::string> names{"rank.json", "report.html"};
      output_ = std::make_unique<OutputFolder>(options.output, options.force, names);
    }
    Seed seed = read_seed(options.data, options.format, options.task);
    task_ = seed.task;
    if (options.train_heads && task_ != "detect") {
      throw UserError(kUsageError, "--train-heads is for --task detect; of ", task_,
                      " the whole head is trained anyway");
    }
    log_info("data: " + std::to_string(seed.dataset.samples.size()) + " images, " +
             std::to_string(seed.dataset.categories.size()) + " classes, task " + task_);
    if (task_ == "detect") note_reading_problems(seed.dataset, problems_);
    classes_ = seed.dataset.categories;
    source_ = task_ == "detect" ? rank_crops(options, std::move(seed))
                                : rank_images(options, std::move(seed));
  }

  RankResult run();

 private:
  void try_backbone(const BackboneFile& file);
  void judge(const BackboneFile& file, std::unique_ptr<Backbone> backbone);
  FittedHead fit(const LabelledFeatures& features, const Backbone& backbone);
  Json figures_of(const BackboneFile& file, const Backbone& backbone,
                  const LabelledFeatures& features, const FittedHead& head,
                  const Judged& judged) const;
  void time_in_turns();
  Recommendation compare();
  Json data_json() const;

  const RankOptions& options_;
  const Stopwatch watch_;
  std::vector<BackboneFile> files_;
  std::unique_ptr<OutputFolder> output_;
  std::string task_;
  std::vector<std::string> classes_;
  std::unique_ptr<RankSource> source_;
  Problems problems_;
  std::optional<Division> division_;  // the same for all
  std::vector<std::string> seen_;     // contents that the division is of
  std::vector<size_t> groups_;
  std::vector<Ranked> ranked_;
  Json failed_ = Json::array();
};

/// A backbone that cannot be used is named and costs the others nothing.
void Ranking::try_backbone(const BackboneFile& file) {
  try {
    BackboneOptions options;
    options.path = file.path;
    options.trust = options_.trust_backbone;
    options.device = device_named(options_.device);
    judge(file, std::make_unique<Backbone>(options));
  } catch (const UserError& error) {
    if (error.exit_code() != kBadModel && error.exit_code() != kDiverged) throw;
    log_warning(file.name + " is left out: " + error.what());
    failed_.push_back({{"file", utf8_path(file.path)}, {"reason", error.what()}});
  }
}

void Ranking::judge(const BackboneFile& file, std::unique_ptr<Backbone> loaded) {
  const Stopwatch watch;
  const Backbone& backbone = *loaded;
  log_info(file.name + ": " + backbone.engine());
  const LabelledFeatures features = source_->look(backbone, problems_);
  const FittedHead head = fit(features, backbone);
  const std::string& task = source_->items().task;
  const Judged judged = judged_images(head, features, source_->items(), head.temperature);
  groups_ = groups_of(judged, features, source_->items());
  Ranked ranked{std::move(loaded), figures_of(file, backbone, features, head, judged),
                image_losses(judged, task), all_right(judged, task)};
  source_->add_figures(backbone, ranked.figures);
  ranked.figures["seconds"] = watch.seconds();
  log_info(file.name + ": " + in_words(ranked.figures) + ", in " + human_seconds(watch.seconds()));
  ranked_.push_back(std::move(ranked));
}

FittedHead Ranking::fit(const LabelledFeatures& features, const Backbone& backbone) {
  if (!division_) {
    division_ = source_->divide(features);
    seen_ = features.sha256;
  }
  if (features.sha256 != seen_) {
    throw UserError(kBadInput, options_.data,
                    ": the images changed while they were read; run again");
  }
  if (division_->method.empty()) {
    throw UserError(kBadInput, options_.data, ": ", division_->no_estimate_reason,
                    ", so no backbone can be judged; label a few more");
  }
  Json tried = Json::array();
  return choose_head(
      features, source_->items(), *division_, backbone.layout(), "auto", backbone.side(),
      stream_size(options_.workers, options_.batch, backbone.device()).workers, tried);
}

Json Ranking::figures_of(const BackboneFile& file, const Backbone& backbone,
                         const LabelledFeatures& features, const FittedHead& head,
                         const Judged& judged) const {
  const Seed& items = source_->items();
  const Json measured = validation_figures(judged, items.task, items.dataset.categories, "", 0);
  const auto parameters = parameter_count(backbone);
  const auto embedding = features.features.select(1, 0).slice(1, 0, features.layout.embedding);
  Json figures{{"name", printable(file.name)},
               {"file", utf8_path(file.path)},
               {"sha256", backbone.info().sha256},
               {"bytes", backbone.bytes().size()},
               {"parameters", parameters > 0 ? Json(parameters) : Json()},
               {"input_side", backbone.side()},
               {"features", head.maps ? "embedding+maps" : "embedding"},
               {"dimension", head.fit.head.weight.size(1)},
               {"lambda", head.fit.head.lambda}};
  for (const char* key : {"log_loss", "accuracy", "exact_match", "map", "macro_f1"}) {
    if (measured.contains(key)) figures[key] = measured[key];
  }
  figures["log_me"] = feature_evidence(embedding, indicators(features, items));
  return figures;
}

/// Twice each, in turns, so that a machine that is busy for a while wrongs none; the faster counts.
void Ranking::time_in_turns() {
  constexpr int kRounds = 2;
  log_info("timing " + std::to_string(ranked_.size()) + " backbones");
  std::vector<double> fastest(ranked_.size(), 0.0);
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < ranked_.size(); ++i) {
      fastest[i] = std::max(fastest[i], source_->images_per_s(*ranked_[i].backbone));
    }
  }
  for (size_t i = 0; i < ranked_.size(); ++i) ranked_[i].figures["images_per_s"] = fastest[i];
}

/// Sorts, and adds to each how far it is from the best.
Recommendation Ranking::compare() {
  std::stable_sort(ranked_.begin(), ranked_.end(),
                   [](const Ranked& a, const Ranked& b) { return a.log_loss() < b.log_loss(); });
  const Ranked& best = ranked_.front();
  std::vector<Standing> standings;
  for (auto& one : ranked_) {
    Standing standing{one.figures.at("name").get<std::string>(), one.log_loss(),
                      one.figures.at("images_per_s").get<double>(),
                      paired_difference(one.loss, best.loss, groups_, options_.seed),
                      paired_difference(one.right, best.right, groups_, options_.seed)};
    one.figures["against_best"] = {{"log_loss", as_json(standing.more_loss)},
                                   {"right", as_json(standing.more_right)},
                                   {"beyond_noise", standing.more_loss.beyond_noise()}};
    standings.push_back(std::move(standing));
  }
  return recommend(standings, task_ == "multilabel" ? "all labels right" : "accuracy");
}

Json Ranking::data_json() const {
  const Seed& items = source_->items();
  Json per_class = Json::object();
  for (const auto& name : items.dataset.categories) per_class[name] = 0;
  for (const auto& labels : items.labels) {
    for (const int category : labels) {
      auto& count = per_class[items.dataset.categories[static_cast<size_t>(category)]];
      count = count.get<long>() + 1;
    }
  }
  std::vector<std::string> contents = seen_;
  std::sort(contents.begin(), contents.end());
  const auto images = std::unique(contents.begin(), contents.end()) - contents.begin();
  return {{"path", utf8_path(options_.data)},
          {"images", task_ == "detect" ? static_cast<size_t>(images) : items.labels.size()},
          {"items", items.labels.size()},
          {"item", task_ == "detect" ? "crop" : "image"},
          {"per_class", per_class},
          {"left_out", problems_json(problems_)}};
}

RankResult Ranking::run() {
  for (const auto& file : files_) try_backbone(file);
  if (ranked_.empty()) {
    throw UserError(kBadModel, "none of the ", files_.size(), " backbones can be used; the first: ",
                    failed_.front().at("reason").get<std::string>());
  }
  const Json data = data_json();
  problems_.log_summary(data.at("images").get<size_t>() + problems_.all().size());
  time_in_turns();
  const Recommendation recommendation = compare();
  Json backbones = Json::array();
  for (const auto& one : ranked_) backbones.push_back(one.figures);
  const Json& chosen = backbones.at(recommendation.chosen);
  RankResult result;
  result.ranking = {{"format_version", 1},
                    {"tool_version", PREANNOTATE_VERSION},
                    {"task", task_},
                    {"classes", classes_},
                    {"data", data},
                    {"method", division_->method},
                    {"backbones", backbones},
                    {"failed", failed_},
                    {"recommendation",
                     {{"name", chosen.at("name")},
                      {"file", chosen.at("file")},
                      {"best", backbones.front().at("name")},
                      {"reason", recommendation.reason}}},
                    {"time", {{"total_s", watch_.seconds()}}}};
  if (output_) {
    write_file(output_->path() / "rank.json", json_text(result.ranking, 1) + "\n");
    write_file(output_->path() / "report.html", report::rank_page(result.ranking));
    output_->commit();
  }
  const bool all_used = failed_.empty() && problems_.empty();
  result.exit_code = all_used || options_.allow_skipped ? kDone : kSomeSkipped;
  return result;
}

}  // namespace

RankResult rank(const RankOptions& options) {
  return Ranking(options).run();
}

}  // namespace preannotate
