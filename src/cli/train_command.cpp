#include <cmath>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "all_commands.h"
#include "pipelines.h"
#include "preannotate/core/text.h"

namespace preannotate::cli {
namespace {

std::string share(const Json& value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value.get<double>();
  return text.str();
}

/// What --target-precision came to, in lines that fit a terminal.
std::string acceptance_words(const Json& thresholds) {
  std::ostringstream text;
  const std::string drafts = thresholds.at("drafts").get<std::string>();
  const Json& precision = thresholds.at("precision");
  if (precision.is_null()) {
    text << "nothing: no score gives precision " << thresholds.at("target_precision") << " on "
         << thresholds.at("items") << ' ' << drafts << " (at most "
         << std::floor(1000 * thresholds.at("reachable").get<double>()) / 1000 << ")";
    return text.str();
  }
  text << thresholds.at("accepted") << " of " << thresholds.at("items") << ' ' << drafts
       << " for precision " << thresholds.at("target_precision") << ": "
       << share(precision.at("value"), 3) << " of them right\n         (95 % interval "
       << share(precision.at("low"), 3) << "-" << share(precision.at("high"), 3) << ")";
  return text.str();
}

void print(const TrainResult& result, const TrainOptions& options) {
  const std::string folder = printable(options.output.string());
  const Json& validation = result.metrics.at("validation");
  std::cout << "run      " << folder << "  (model " << result.model_version << ")\n";
  if (validation.is_null()) {
    std::cout << "quality  no quality estimate: "
              << result.metrics.at("validation_reason").get<std::string>() << '\n';
  } else {
    std::cout << "quality  " << result.headline << ",\n         "
              << validation.at("method").get<std::string>() << '\n';
  }
  if (result.metrics.contains("thresholds")) {
    std::cout << "accept   " << acceptance_words(result.metrics["thresholds"]) << '\n';
  }
  for (const auto& sentence : result.metrics.at("advice")) {
    std::cout << "advice   " << printable(sentence.get<std::string>()) << '\n';
  }
  std::cout << "report   " << folder << "/report.html\n"
            << "next     preannotate predict --model " << folder
            << " --source FOLDER --output DRAFTS\n";
}

ExitCode run_train(const TrainOptions& options, const SharedOptions& shared) {
  const TrainResult result =
      load_pipelines("reading the seed " + options.data.string()).train(options);
  if (shared.json) {
    Json document = result.metrics;
    document["model_version"] = result.model_version;
    std::cout << json_text(document, 1) << '\n';
  } else {
    print(result, options);
  }
  return result.exit_code;
}

void add_model_options(CLI::App& app, TrainOptions& t) {
  app.add_option("--backbone", t.backbone, "TorchScript file (default: efficientnet_lite0)");
  app.add_flag("--trust-backbone", t.trust_backbone, "Run a TorchScript file no manifest lists");
  add_backbone_input(app, t.mean, t.std);
  app.add_option("--imgsz", t.imgsz, "Input side in pixels, a detector's long side (0: chosen)")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_option("--tile", t.tile, "Detect on overlapping tiles of N image pixels, 0 for none")
      ->check(CLI::Range(0, 8192))
      ->capture_default_str();
  app.add_option("--resize", t.resize, "How images are made square: squash, crop or letterbox")
      ->capture_default_str();
  app.add_option("--features", t.features, "What the head sees: auto, embedding or embedding+maps")
      ->capture_default_str();
  app.add_option("--unfreeze", t.unfreeze, "Train the last N stages too, kept if better")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app.add_option("--epochs", t.epochs, "Passes over the images with --unfreeze")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

}  // namespace

std::function<ExitCode()> declare_train(CLI::App& app, const SharedOptions& shared) {
  const auto options = std::make_shared<TrainOptions>();
  TrainOptions& t = *options;
  app.add_option("--data", t.data, "Labelled seed, in any format (README)")->required();
  app.add_option("-o,--output", t.output, "Run folder to write")->required();
  app.add_option("--task", t.task, "Task: classify, multilabel or detect (default: by the labels)");
  app.add_option("--format", t.format, "Format of the seed (default: what it looks like)");
  add_model_options(app, t);
  app.add_option("--augment", t.augment,
                 "Views of an image: none, light, strong (default: none, of boxes light)");
  auto* val = app.add_option("--val", t.val, "Hold out this share instead of using folds")
                  ->check(number_between(0, 0.9));
  app.add_option("--folds", t.folds, "Cross-validation folds, 0 for none (default: 5 or hold-out)")
      ->check(CLI::Range(0, 100))
      ->excludes(val);
  app.add_option("--steps", t.steps, "Training steps of a detector, 0 for as many as fit the seed")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  auto* conf = app.add_option("--conf", t.conf, "Accept classes, or show boxes, from this score on")
                   ->check(number_between(0, 1));
  app.add_option("--target-precision", t.target_precision,
                 "Accept drafts of which this share is right, by scores of each class")
      ->check(number_between(0.5, 0.9999))
      ->excludes(conf);
  app.add_option("--cost", t.cost, "FILE[:COLUMN] of a person's seconds, decides --conf of boxes");
  app.add_option("--seed", t.seed, "Start of every random choice")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_compute_options(app, t.device, t.workers, t.batch);
  app.add_flag("!--no-cache", t.cache, "Keep no features on disk");
  app.add_option("--dump-features", t.dump_features, "Folder for features as NumPy files");
  add_image_limits(app, t.decode);
  add_allow_skipped(app, t.allow_skipped);
  add_force(app, t.force);
  return [options, &shared] { return run_train(*options, shared); };
}

}  // namespace preannotate::cli
