#include "evaluate_boxes.h"

#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "box_cost.h"
#include "box_drafting.h"
#include "class_map.h"
#include "detection_report.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/ledger.h"
#include "preannotate/model/device.h"
#include "preannotate/pipeline/seed.h"
#include "stopwatch.h"
#include "stream_size.h"
#include "train_report.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

/// Labelled images, and what was drafted for them.
struct BoxComparison {
  std::vector<std::string> classes;
  std::string model_version;
  std::vector<double> conf;
  Seed seed;
  JudgedBoxes judged;
  Problems problems;
};

/// Objects with the model's class numbers.
std::vector<TruthBox> truth_of(const Sample& sample, const std::vector<int>& map) {
  std::vector<TruthBox> boxes;
  for (const auto& label : sample.labels) {
    if (!label.box) continue;
    boxes.push_back(
        {*label.box, map[static_cast<size_t>(label.category)], label.crowd, label.area});
  }
  return boxes;
}

void read_labels(BoxComparison& c, const EvaluateOptions& options) {
  c.seed = read_seed(options.data, options.format, "detect");
  note_reading_problems(c.seed.dataset, c.problems);
  const auto map = class_map(c.seed.dataset.categories, c.classes, options.data);
  for (const auto& sample : c.seed.dataset.samples) {
    c.judged.images.push_back(sample.image);
    c.judged.boxes.push_back({truth_of(sample, map), {}});
  }
}

BoxComparison compare_run(const EvaluateOptions& options) {
  BoxComparison c;
  const Run run = load_run(options.model);
  c.classes = run.manifest.classes;
  c.model_version = run.manifest.model_version;
  read_labels(c, options);
  const Backbone backbone = load_backbone(run, device_named(options.device));
  BoxOptions boxes = box_options(*run.manifest.detector, std::nullopt);
  c.conf = boxes.conf;
  const auto size = stream_size(options.workers, options.batch);
  boxes.workers = size.workers;
  boxes.batch = size.batch;
  boxes.decode = options.decode;
  std::vector<std::string> paths;
  for (const auto& sample : c.seed.dataset.samples) {
    paths.push_back(image_file(c.seed.dataset, sample).string());
  }
  Progress progress("images", paths.size());
  FrameStream stream(backbone, std::move(paths), box_stream(run, backbone, boxes));
  for (size_t i = 0; auto item = stream.next(); ++i) {
    progress.advance();
    const Sample& sample = c.seed.dataset.samples[i];
    if (!item->image.reason.empty()) {
      c.problems.add({sample.image, item->image.reason, item->image.detail});
    } else if (sample.width > 0 &&
               (item->image.width != sample.width || item->image.height != sample.height)) {
      c.problems.add({sample.image, "size_differs",
                      "the image is not of the size that its labels were made for"});
    } else {
      c.judged.boxes[i].drafts = std::move(item->boxes);
    }
  }
  return c;
}

/// A candidate whose score would have been shown was outshone.
std::vector<DraftBox> drafts_of(const LedgerEntry& entry, const std::vector<double>& conf) {
  std::vector<DraftBox> drafts;
  const auto add = [&](const Label& label, bool candidate) {
    if (!label.box) return;
    const double score = label.score.value_or(1);
    const bool outshone = candidate && score >= conf[static_cast<size_t>(label.category)];
    drafts.push_back({*label.box, label.category, score, outshone});
  };
  for (const auto& label : entry.sample.labels) add(label, false);
  for (const auto& label : entry.candidates) add(label, true);
  return drafts;
}

/// True when one path is the end of the other: "images/a.jpg" and "a.jpg".
bool same_file(const std::string& a, const std::string& b) {
  const auto& [longer, shorter] = a.size() >= b.size() ? std::tie(a, b) : std::tie(b, a);
  return longer.ends_with(shorter) &&
         (longer.size() == shorter.size() || longer[longer.size() - shorter.size() - 1] == '/');
}

/// What was drafted, by image. A file of labels may count its paths from another folder than
/// --source was, so a name that fits one image only is taken for it.
class Drafted {
 public:
  Drafted(const fs::path& drafts, const std::vector<std::string>& classes,
          const std::vector<double>& conf) {
    LedgerReader ledger(drafts / "drafts.jsonl", classes);
    while (auto entry = ledger.next()) {
      const std::string& image = entry->sample.image;
      by_name_.emplace(image.substr(image.rfind('/') + 1), image);
      boxes_[image] = drafts_of(*entry, conf);
    }
  }

  /// null when there is none, or several could be meant.
  const std::vector<DraftBox>* of(const std::string& image) const {
    if (const auto exact = boxes_.find(image); exact != boxes_.end()) return &exact->second;
    const std::vector<DraftBox>* found = nullptr;
    const auto [first, last] = by_name_.equal_range(image.substr(image.rfind('/') + 1));
    for (auto entry = first; entry != last; ++entry) {
      if (!same_file(entry->second, image)) continue;
      if (found) return nullptr;
      found = &boxes_.at(entry->second);
    }
    return found;
  }

  std::string example() const { return boxes_.empty() ? "" : boxes_.begin()->first; }

 private:
  std::map<std::string, std::vector<DraftBox>> boxes_;
  std::multimap<std::string, std::string> by_name_;
};

/// Thresholds that predict wrote beside the drafts.
std::vector<double> conf_of(const Json& run, const std::vector<std::string>& classes,
                            const std::string& where) {
  const Json& conf = field(field(run, "options", where), "conf", where);
  std::vector<double> thresholds;
  for (const auto& name : classes) {
    thresholds.push_back(conf.is_object() ? number_field(conf, name, where) : 0);
  }
  return thresholds;
}

BoxComparison compare_drafts(const EvaluateOptions& options) {
  BoxComparison c;
  const fs::path path = options.drafts / "run.json";
  const Json run = read_json(path);
  c.classes = strings_field(run, "categories", path.string());
  c.model_version = string_field(run, "model_version", path.string());
  c.conf = conf_of(run, c.classes, path.string());
  read_labels(c, options);
  const Drafted drafted(options.drafts, c.classes, c.conf);
  const auto& samples = c.seed.dataset.samples;
  size_t matched = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto* found = drafted.of(samples[i].image);
    if (!found) {
      c.problems.add({samples[i].image, "not_in_drafts", "the drafts have no such image"});
      continue;
    }
    ++matched;
    c.judged.boxes[i].drafts = *found;
  }
  if (2 * matched < samples.size()) {
    throw UserError(kBadInput, options.data, ": only ", matched, " of ", samples.size(),
                    " labelled images are in ", options.drafts,
                    ", matched by path below the source (labelled: '", samples.front().image,
                    "', drafted: '", drafted.example(), "')");
  }
  return c;
}

Json metrics_json(const BoxComparison& c, const EvaluateOptions& options, const BoxCost& cost) {
  Json per_class = Json::object();
  std::vector<long> counts(c.classes.size(), 0);
  long objects = 0;
  for (const auto& image : c.judged.boxes) {
    for (const auto& box : image.truth) {
      if (box.crowd) continue;
      ++counts[static_cast<size_t>(box.category)];
      ++objects;
    }
  }
  for (size_t i = 0; i < counts.size(); ++i) per_class[c.classes[i]] = counts[i];
  return {{"format_version", 1},
          {"tool_version", PREANNOTATE_VERSION},
          {"task", "detect"},
          {"classes", c.classes},
          {"model_version", c.model_version},
          {"data",
           {{"path", utf8_path(options.data)},
            {"images", c.judged.images.size()},
            {"objects", objects},
            {"per_class", per_class},
            {"left_out", problems_json(c.problems)}}},
          {"validation", detection_figures(c.judged, c.classes, c.conf, cost, "labelled data", 0)}};
}

}  // namespace

EvaluateResult evaluate_boxes(const EvaluateOptions& options, const std::vector<Gate>& gates,
                              std::unique_ptr<OutputFolder> output) {
  const Stopwatch watch;
  const BoxCost cost = read_box_cost(options.cost);  // before the long work
  const BoxComparison c = options.model.empty() ? compare_drafts(options) : compare_run(options);
  EvaluateResult result;
  result.metrics = metrics_json(c, options, cost);
  result.metrics["time"] = {{"total_s", watch.seconds()}};
  result.headline = detection_line(result.metrics.at("validation"));
  judge(result, gates);
  c.problems.log_summary(c.seed.dataset.samples.size());
  if (output) {
    Dataset dataset = c.seed.dataset;
    dataset.categories = c.classes;
    write_detection_report(output->path(), result.metrics, c.judged, c.conf, dataset);
    output->commit();
  }
  const bool skipped = !c.problems.empty() && !options.allow_skipped;
  result.exit_code = !result.below.empty() ? kCheckFailed : skipped ? kSomeSkipped : kDone;
  return result;
}

}  // namespace preannotate
