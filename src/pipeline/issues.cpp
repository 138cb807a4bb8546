#include "preannotate/pipeline/issues.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "box_suspects.h"
#include "class_map.h"
#include "class_suspects.h"
#include "data_hash.h"
#include "detector_data.h"
#include "issue_boxes.h"
#include "issue_scores.h"
#include "issues_page.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/model/run_folder.h"
#include "scores_json.h"
#include "stopwatch.h"
#include "train_report.h"
#include "training_options.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

/// What was found, before it becomes a file.
struct Findings {
  std::vector<Suspect> suspects;
  std::vector<std::vector<TruthBox>> objects;  // [samples], of a detector
  std::string judged_by, data_hash;
  size_t images = 0, labels = 0, unjudged = 0;
  Json dumped;
};

/// The seed with the run's classes, so that labels and scores count alike.
void rename_classes(Seed& seed, const std::vector<std::string>& classes, const fs::path& path) {
  const auto map = class_map(seed.dataset.categories, classes, path);
  for (auto& labels : seed.labels) {
    for (int& label : labels) label = map[static_cast<size_t>(label)];
    std::sort(labels.begin(), labels.end());
  }
  for (auto& sample : seed.dataset.samples) {
    for (auto& label : sample.labels) label.category = map[static_cast<size_t>(label.category)];
  }
  seed.dataset.categories = classes;
}

/// One search for issues; its steps share this.
class IssueSearch {
 public:
  explicit IssueSearch(const IssuesOptions& options)
      : options_(options), output_(options.train.output, options.train.force, entries()) {
    const TrainOptions& train = options.train;
    if (!options.model.empty()) run_ = std::make_unique<Run>(load_run(options.model));
    if (run_ && !train.task.empty() && train.task != run_->manifest.task) {
      throw UserError(kUsageError, "--task ", train.task, ": the run ", options.model, " is for ",
                      run_->manifest.task, "; leave --task out, or give another run");
    }
    seed_ = read_seed(train.data, train.format, run_ ? run_->manifest.task : train.task);
    if (run_) {
      rename_classes(seed_, run_->manifest.classes, train.data);
    } else {
      check_task_options(train, seed_.task);
    }
    log_info("data: " + std::to_string(seed_.dataset.samples.size()) + " images, task " +
             seed_.task);
  }

  IssuesResult search();

 private:
  static std::vector<std::string> entries() { return {"issues.json", "report.html"}; }
  Findings classes();
  Findings boxes();
  void check_not_trained_on(const std::string& data_hash) const;
  Json issues_json(const Findings& found) const;
  std::string failure(const Json& issues) const;

  const IssuesOptions& options_;
  OutputFolder output_;
  std::unique_ptr<Run> run_;
  Seed seed_;
  Problems problems_;
};

Findings IssueSearch::classes() {
  const LabelScores scores = run_ ? scores_by_run(options_, *run_, seed_, problems_)
                                  : out_of_fold_scores(options_, seed_, problems_);
  Findings found;
  found.judged_by = scores.judged_by;
  found.images = scores.samples.size();
  std::vector<std::vector<int>> labels;
  for (size_t i = 0; i < scores.samples.size(); ++i) {
    labels.push_back(seed_.labels[scores.samples[i]]);
    found.labels += labels.back().size();
    found.unjudged += scores.scores[i].empty();
  }
  found.data_hash = hash_of_labels(scores.sha256, labels, seed_.dataset.categories);
  check_not_trained_on(found.data_hash);
  found.suspects = class_suspects(seed_, scores);
  if (!options_.dump_scores.empty()) found.dumped = scores_json(seed_, scores);
  return found;
}

Findings IssueSearch::boxes() {
  note_reading_problems(seed_.dataset, problems_);
  const BoxScores judged = run_ ? boxes_by_run(options_, *run_, seed_, problems_)
                                : out_of_fold_boxes(options_, seed_, problems_);
  Findings found;
  found.judged_by = judged.judged_by;
  found.images = judged.samples.size() + judged.unjudged;
  found.unjudged = judged.unjudged;
  std::vector<std::vector<TruthBox>> truth;
  for (const auto& image : judged.boxes) {
    truth.push_back(image.truth);
    for (const auto& box : image.truth) found.labels += !box.crowd;
  }
  found.data_hash = hash_of_boxes(judged.sha256, truth, seed_.dataset.categories);
  check_not_trained_on(found.data_hash);
  for (const auto& sample : seed_.dataset.samples) found.objects.push_back(truth_boxes(sample));
  BoxIssueOptions options;
  options.sure_of_class =
      sure_scores(judged.boxes, static_cast<int>(seed_.dataset.categories.size()));
  const auto scores = box_issue_scores(judged.boxes, options);
  found.suspects = box_suspects(seed_.dataset, judged.samples, judged.sha256, judged.boxes, scores);
  if (!options_.dump_scores.empty()) {
    found.dumped = scores_json(seed_, judged, box_issue_scores(judged.boxes));
  }
  return found;
}

/// Such a run repeats what the labels say, right or wrong.
void IssueSearch::check_not_trained_on(const std::string& data_hash) const {
  if (!run_ || run_->manifest.data.value("sha256", "") != data_hash) return;
  throw UserError(kUsageError, options_.train.data, ": the run ", options_.model,
                  " was trained on exactly these images and labels and would repeat them; leave "
                  "--model out to judge each image by the others, or give a run that did not see "
                  "them");
}

Json box_numbers(const Box& box) {
  return {box.x1, box.y1, box.width(), box.height()};
}

Json suspect_json(const Suspect& suspect, const Dataset& dataset) {
  Json json{{"image", dataset.samples[suspect.sample].image},
            {"kind", suspect.kind},
            {"label", suspect.label.empty() ? Json() : Json(suspect.label)},
            {"suggestion", suspect.suggestion.empty() ? Json() : Json(suspect.suggestion)},
            {"score", suspect.score},
            {"flagged", suspect.flagged}};
  if (suspect.confidence >= 0) json["confidence"] = suspect.confidence;
  if (suspect.box) json["bbox"] = box_numbers(*suspect.box);
  if (suspect.suggested_box) json["suggested_bbox"] = box_numbers(*suspect.suggested_box);
  if (suspect.other) json["other"] = dataset.samples[*suspect.other].image;
  return json;
}

Json IssueSearch::issues_json(const Findings& found) const {
  Json kinds = Json::object(), list = Json::array();
  long flagged = 0;
  for (const auto& suspect : found.suspects) {
    list.push_back(suspect_json(suspect, seed_.dataset));
    if (!kinds.contains(suspect.kind)) kinds[suspect.kind] = 0;
    if (!suspect.flagged) continue;
    ++flagged;
    kinds[suspect.kind] = kinds[suspect.kind].get<long>() + 1;
  }
  return {{"format_version", 1},
          {"tool_version", PREANNOTATE_VERSION},
          {"task", seed_.task},
          {"classes", seed_.dataset.categories},
          {"data",
           {{"path", utf8_path(options_.train.data)},
            {"images", found.images},
            {"labels", found.labels},
            {"sha256", found.data_hash},
            {"left_out", problems_json(problems_)}}},
          {"judged_by", found.judged_by},
          {"model_version", run_ ? Json(run_->manifest.model_version) : Json()},
          {"unjudged", found.unjudged},
          {"flagged", flagged},
          {"kinds", kinds},
          {"issues", list}};
}

std::string IssueSearch::failure(const Json& issues) const {
  const long flagged = issues.at("flagged").get<long>();
  if (!options_.fail_over || flagged <= *options_.fail_over) return "";
  return human_count(static_cast<std::uint64_t>(flagged)) +
         (flagged == 1 ? " label is" : " labels are") + " flagged, more than --fail-over " +
         std::to_string(*options_.fail_over);
}

IssuesResult IssueSearch::search() {
  const Stopwatch watch;
  Findings found = seed_.task == "detect" ? boxes() : classes();
  problems_.log_summary(seed_.dataset.samples.size());
  IssuesResult result;
  result.issues = issues_json(found);
  write_file(output_.path() / "issues.json", json_text(result.issues, 1) + "\n");
  const auto pictures = issue_pictures(found.suspects, seed_.dataset, found.objects);
  write_file(output_.path() / "report.html", issues_page(result.issues, pictures));
  if (!options_.dump_scores.empty()) {
    write_file(options_.dump_scores, json_text(found.dumped) + "\n");
  }
  output_.commit();
  log_info("done in " + human_seconds(watch.seconds()) + ": " +
           printable(options_.train.output.string()));
  result.failure = failure(result.issues);
  const bool skipped = !problems_.empty() && !options_.train.allow_skipped;
  result.exit_code = !result.failure.empty() ? kCheckFailed : skipped ? kSomeSkipped : kDone;
  return result;
}

}  // namespace

IssuesResult find_issues(const IssuesOptions& options) {
  check_options(options.train);
  if (options.train.folds == 0) {
    throw UserError(kUsageError, "--folds 0: labels are judged by folds, expected 2 or more");
  }
  return IssueSearch(options).search();
}

}  // namespace preannotate
