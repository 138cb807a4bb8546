#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "all_commands.h"
#include "fitted.h"
#include "gate_report.h"
#include "pipelines.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "wrapped.h"

namespace preannotate::cli {
namespace {

constexpr size_t kRows = 10;

const std::map<std::string, std::string> kKinds{
    {"wrong_label", "wrong label"}, {"missing_label", "missing label"},
    {"overlooked", "overlooked"},   {"badly_located", "badly located"},
    {"swapped", "wrong class"},     {"duplicate", "same picture"}};

std::string name_in(const Json& issue, const char* key) {
  return issue.at(key).is_null() ? "-" : issue.at(key).get<std::string>();
}

void print_row(const Json& issue) {
  const std::string kind = issue.at("kind").get<std::string>();
  char score[16];
  std::snprintf(score, sizeof score, "%5.3f", issue.at("score").get<double>());
  std::cout << fitted(issue.at("image").get<std::string>(), 29, true) << ' '
            << fitted(kKinds.at(kind), 13) << ' ' << fitted(name_in(issue, "label"), 14) << ' '
            << fitted(name_in(issue, "suggestion"), 14) << ' ' << score << '\n';
}

void print(const Json& issues, const std::string& folder) {
  const long flagged = issues.at("flagged").get<long>();
  const auto rows = std::min(static_cast<size_t>(flagged), kRows);
  if (rows > 0) {
    std::cout << fitted("image", 29) << ' ' << fitted("what", 13) << ' ' << fitted("labelled", 14)
              << ' ' << fitted("looks like", 14) << " score\n";
  }
  for (size_t i = 0; i < rows; ++i) print_row(issues.at("issues").at(i));
  const auto count = [](const Json& number) { return human_count(number.get<std::uint64_t>()); };
  std::cout << "flagged  " << count(issues.at("flagged")) << " of "
            << count(issues.at("data").at("labels")) << " labels of "
            << count(issues.at("data").at("images")) << " images";
  std::string kinds;
  for (const auto& [kind, number] : issues.at("kinds").items()) {
    if (number.get<long>() > 0) {
      kinds += (kinds.empty() ? ": " : ", ") + count(number) + " " + kKinds.at(kind);
    }
  }
  std::cout << kinds << "\njudged   " << wrapped("by " + issues.at("judged_by").get<std::string>())
            << '\n';
  if (!issues.at("model_version").is_null()) {
    std::cout << "         (of use only if the run was not trained on these images)\n";
  }
  if (issues.at("unjudged").get<long>() > 0) {
    std::cout << "         not " << count(issues.at("unjudged"))
              << " images, which are the only ones of their class\n";
  }
  std::cout << "report   " << folder << "/report.html\n"
            << "next     look at them and correct labels that are wrong; nothing was changed\n";
}

/// When more are flagged than allowed: the sentence, then each of them.
Gate gate_of(const IssuesResult& result) {
  GateCase flagged{"fail_over", {}};
  if (!result.failure.empty()) flagged.failures.push_back({result.failure});
  for (const auto& issue : result.issues.at("issues")) {
    if (result.failure.empty() || !issue.at("flagged").get<bool>()) continue;
    flagged.failures.push_back({issue.at("image").get<std::string>() + ": " +
                                kKinds.at(issue.at("kind").get<std::string>()) + ": labelled " +
                                name_in(issue, "label") + ", looks like " +
                                name_in(issue, "suggestion")});
  }
  return {"issues", {flagged}};
}

ExitCode run_issues(const IssuesOptions& options, const std::vector<std::string>& reports,
                    const SharedOptions& shared) {
  check_reports(reports);
  const TrainOptions& train = options.train;
  const IssuesResult result =
      load_pipelines("reading the labels " + train.data.string()).find_issues(options);
  if (shared.json) {
    std::cout << json_text(result.issues, 1) << '\n';
  } else {
    print(result.issues, printable(train.output.string()));
  }
  write_reports(reports, gate_of(result), shared.json);
  if (!result.failure.empty()) log_error(result.failure);
  return result.exit_code;
}

/// Those of train, for images that no run judges.
void add_fold_options(CLI::App& app, IssuesOptions& o, CLI::Option* model) {
  TrainOptions& t = o.train;
  app.add_option("--backbone", t.backbone, "TorchScript file (default: efficientnet_lite0)")
      ->excludes(model);
  app.add_flag("--trust-backbone", t.trust_backbone, "Run a TorchScript file no manifest lists")
      ->excludes(model);
  add_backbone_input(app, t.mean, t.std);
  app.add_option("--imgsz", t.imgsz, "Input side in pixels, a detector's long side (0: chosen)")
      ->check(CLI::Range(0, 4096))
      ->excludes(model)
      ->capture_default_str();
  app.add_option("--tile", t.tile, "Detect on overlapping tiles of N image pixels, 0 for none")
      ->check(CLI::Range(0, 8192))
      ->excludes(model)
      ->capture_default_str();
  app.add_option("--resize", t.resize, "How images are made square: squash, crop or letterbox")
      ->excludes(model)
      ->capture_default_str();
  app.add_option("--features", t.features, "What the head sees: auto, embedding or embedding+maps")
      ->excludes(model)
      ->capture_default_str();
  app.add_option("--folds", t.folds, "Folds that judge each other (default: 5, of boxes 3)")
      ->check(CLI::Range(2, 100))
      ->excludes(model);
  app.add_option("--rounds", o.rounds, "More divisions into folds, averaged; classes only")
      ->check(CLI::Range(0, 100))
      ->excludes(model)
      ->capture_default_str();
  app.add_option("--steps", t.steps, "Training steps of a detector, 0 for as many as fit the data")
      ->check(CLI::Range(0, 1000000))
      ->excludes(model)
      ->capture_default_str();
  app.add_option("--seed", t.seed, "Start of every random choice")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

}  // namespace

std::function<ExitCode()> declare_issues(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<IssuesOptions>();
  TrainOptions& t = options->train;
  app.add_option("--data", t.data, "Labelled images, in any format (README)")->required();
  app.add_option("-o,--output", t.output, "Folder for issues.json and report.html")->required();
  auto* model = app.add_option("--model", options->model,
                               "Run that judges, not trained on this data (default: folds)");
  app.add_option("--task", t.task, "Task: classify, multilabel or detect (default: by the labels)");
  app.add_option("--format", t.format, "Format of the data (default: its looks)");
  auto* gate = app.add_option("--fail-over", options->fail_over, "Exit 1 when more are flagged")
                   ->check(CLI::NonNegativeNumber);
  const auto reports = std::make_shared<std::vector<std::string>>();
  add_report(app, *reports)->needs(gate);
  add_fold_options(app, *options, model);
  add_compute_options(app, t.device, t.workers, t.batch);
  app.add_flag("!--no-cache", t.cache, "Keep no features on disk");
  app.add_option("--dump-scores", options->dump_scores, "File for what the labels were judged by");
  add_image_limits(app, t.decode);
  add_allow_skipped(app, t.allow_skipped);
  add_force(app, t.force);
  return [options, reports, &shared] { return run_issues(*options, *reports, shared); };
}

}  // namespace preannotate::cli
