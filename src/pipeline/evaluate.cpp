#include "preannotate/pipeline/evaluate.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "class_map.h"
#include "drafting.h"
#include "evaluate_boxes.h"
#include "plain_view.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/problems.h"
#include "preannotate/core/text.h"
#include "preannotate/model/device.h"
#include "preannotate/pipeline/figures.h"
#include "preannotate/pipeline/seed.h"
#include "stopwatch.h"
#include "train_report.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

/// Labels and what was drafted for them.
struct Comparison {
  std::string task;
  std::vector<std::string> classes;
  std::string model_version;
  Seed seed;
  Judged judged;
  Problems problems;
};

void add(Comparison& c, size_t sample, const std::vector<int>& map, std::vector<double> scores) {
  std::vector<int> labels;
  for (const int label : c.seed.labels[sample]) labels.push_back(map[static_cast<size_t>(label)]);
  std::sort(labels.begin(), labels.end());
  c.judged.images.push_back(c.seed.dataset.samples[sample].image);
  c.judged.labels.push_back(std::move(labels));
  c.judged.scores.push_back(std::move(scores));
}

Comparison compare_run(const EvaluateOptions& options) {
  Comparison c;
  const Run run = load_run(options.model);
  c.task = run.manifest.task;
  c.classes = run.manifest.classes;
  c.model_version = run.manifest.model_version;
  c.seed = read_seed(options.data, options.format, c.task);
  const auto map = class_map(c.seed.dataset.categories, c.classes, options.data);
  const Backbone backbone = load_backbone(run, device_named(options.device));
  std::vector<std::string> paths;
  for (const auto& sample : c.seed.dataset.samples) {
    paths.push_back(image_file(c.seed.dataset, sample).string());
  }
  Progress progress("images", paths.size());
  FeatureStream stream(
      backbone, std::move(paths),
      plain_view(backbone, run.manifest.resize, options.workers, options.batch, options.decode));
  for (size_t i = 0; auto item = stream.next(); ++i) {
    progress.advance();
    if (item->image.reason.empty()) {
      add(c, i, map, scores_of(item->features, 1, run));
    } else {
      c.problems.add({c.seed.dataset.samples[i].image, item->image.reason, item->image.detail});
    }
  }
  return c;
}

/// Scores of each image in the ledger; none when it was left out.
std::unordered_map<std::string, std::vector<double>> ledger_scores(
    const fs::path& drafts, const std::vector<std::string>& classes) {
  std::unordered_map<std::string, std::vector<double>> scores;
  LedgerReader ledger(drafts / "drafts.jsonl", classes);
  while (auto entry = ledger.next()) scores[entry->sample.image] = std::move(entry->scores);
  return scores;
}

Comparison compare_drafts(const EvaluateOptions& options) {
  Comparison c;
  const fs::path path = options.drafts / "run.json";
  const Json json = read_json(path);
  c.task = string_field(json, "task", path.string());
  c.classes = strings_field(json, "categories", path.string());
  c.model_version = string_field(json, "model_version", path.string());
  c.seed = read_seed(options.data, options.format, c.task);
  const auto map = class_map(c.seed.dataset.categories, c.classes, options.data);
  auto drafted = ledger_scores(options.drafts, c.classes);
  size_t matched = 0;
  for (size_t i = 0; i < c.seed.dataset.samples.size(); ++i) {
    const std::string& key = c.seed.dataset.samples[i].image;
    const auto found = drafted.find(key);
    if (found == drafted.end()) {
      c.problems.add({key, "not_in_drafts", "the drafts have no such image"});
      continue;
    }
    ++matched;
    add(c, i, map, found->second);
  }
  if (2 * matched < c.seed.dataset.samples.size()) {
    throw UserError(kBadInput, options.data, ": only ", matched, " of ",
                    c.seed.dataset.samples.size(), " labelled images are in ", options.drafts,
                    ", matched by path below the source (labelled: '",
                    c.seed.dataset.samples.front().image, "')");
  }
  return c;
}

Json metrics_json(const Comparison& c, const EvaluateOptions& options, double seconds) {
  Json per_class = Json::object();
  for (const auto& name : c.classes) per_class[name] = 0;
  for (const auto& labels : c.judged.labels) {
    for (const int label : labels) {
      auto& count = per_class[c.classes[static_cast<size_t>(label)]];
      count = count.get<long>() + 1;
    }
  }
  return {{"format_version", 1},
          {"tool_version", PREANNOTATE_VERSION},
          {"task", c.task},
          {"classes", c.classes},
          {"model_version", c.model_version},
          {"data",
           {{"path", utf8_path(options.data)},
            {"images", c.judged.images.size()},
            {"per_class", per_class},
            {"left_out", problems_json(c.problems)}}},
          {"validation", validation_figures(c.judged, c.task, c.classes, "labelled data", 0)},
          {"time", {{"total_s", seconds}}}};
}

std::string task_of(const EvaluateOptions& options) {
  const fs::path path = (options.model.empty() ? options.drafts : options.model) / "run.json";
  if (!fs::exists(path)) return "";  // whoever reads it says so
  return string_field(read_json(path), "task", path.string());
}

}  // namespace

EvaluateResult evaluate(const EvaluateOptions& options) {
  const Stopwatch watch;
  if (options.model.empty() == options.drafts.empty()) {
    throw UserError(kUsageError, "evaluate needs either --model RUN or --drafts DRAFTS");
  }
  if (!options.drafts.empty() && !fs::exists(options.drafts / "drafts.jsonl")) {
    throw UserError(kBadInput, options.drafts,
                    " holds no drafts: it has no drafts.jsonl (preannotate predict writes one)");
  }
  const auto gates = parse_gates(options.fail_under);
  std::unique_ptr<OutputFolder> output;
  if (!options.output.empty()) {
    const std::vector<std::string> names{"metrics.json", "report.html"};
    output = std::make_unique<OutputFolder>(options.output, options.force, names);
  }
  if (task_of(options) == "detect") return evaluate_boxes(options, gates, std::move(output));
  Comparison c = options.model.empty() ? compare_drafts(options) : compare_run(options);
  if (c.judged.images.empty()) {
    throw UserError(kBadInput, options.data, ": none of the ", c.seed.dataset.samples.size(),
                    " labelled images can be read");
  }
  EvaluateResult result;
  result.metrics = metrics_json(c, options, watch.seconds());
  result.headline = figures_line(result.metrics.at("validation"));
  judge(result, gates);
  c.problems.log_summary(c.seed.dataset.samples.size());
  if (output) {
    Dataset dataset = c.seed.dataset;
    dataset.categories = c.classes;
    write_report(output->path(), result.metrics, mistake_pictures(c.judged, c.task, dataset));
    output->commit();
  }
  const bool skipped = !c.problems.empty() && !options.allow_skipped;
  result.exit_code = !result.below.empty() ? kCheckFailed : skipped ? kSomeSkipped : kDone;
  return result;
}

}  // namespace preannotate
