#include "training_options.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "preannotate/core/error.h"
#include "preannotate/model/device.h"

namespace preannotate {

namespace {

constexpr int kSmallestTile = 32;  // image pixels; an image has thousands of smaller ones

void check_target(const TrainOptions& options) {
  if (!options.target_precision) return;
  const double target = *options.target_precision;
  if (!(target >= 0.5 && target <= 0.9999)) {
    throw UserError(kUsageError, "--target-precision ", target,
                    ": expected a share from 0.5 to 0.9999, e.g. 0.95");
  }
  if (options.conf) {
    throw UserError(kUsageError, "--conf and --target-precision exclude each other; give one");
  }
  if (options.val <= 0 && options.folds == 0) {
    throw UserError(
        kUsageError,
        "--target-precision needs images to judge drafts by, and --folds 0 leaves none");
  }
}

template <class Value>
void take(const Json& options, const char* name, Value& value) {
  if (options.contains(name) && !options[name].is_null()) value = options[name].get<Value>();
}

template <class Value>
void take(const Json& options, const char* name, std::optional<Value>& value) {
  if (options.contains(name) && !options[name].is_null()) value = options[name].get<Value>();
}

}  // namespace

void check_options(const TrainOptions& options) {
  if (!(options.val >= 0 && options.val < 1)) {
    throw UserError(kUsageError, "--val ", options.val,
                    ": expected a share between 0 and 1, e.g. 0.2");
  }
  if (options.folds && (*options.folds < 0 || *options.folds == 1)) {
    throw UserError(kUsageError, "--folds ", *options.folds, ": expected 2 or more, or 0 for none");
  }
  check_target(options);
  if (options.tile != 0 && options.tile < kSmallestTile) {
    throw UserError(kUsageError, "--tile ", options.tile, ": expected ", kSmallestTile,
                    " or more image pixels, or 0 for none");
  }
  if (options.features != "auto" && options.features != "embedding" &&
      options.features != "embedding+maps") {
    throw UserError(kUsageError, "--features '", options.features,
                    "' is not one of auto, embedding, embedding+maps");
  }
}

void check_task_options(const TrainOptions& options, const std::string& task) {
  const TrainOptions plain;
  std::string found;
  if (task == "detect") {
    if (options.resize != plain.resize) found = "--resize";
    if (options.features != plain.features) found = "--features";
    if (!options.dump_features.empty()) found = "--dump-features";
  } else {
    if (options.tile != plain.tile) found = "--tile";
    if (options.steps != plain.steps) found = "--steps";
    if (!options.cost.empty()) found = "--cost";
  }
  if (found.empty()) return;
  throw UserError(kUsageError, found, " means nothing to --task ", task, "; it is for ",
                  task == "detect" ? "classify and multilabel" : "detect",
                  ": leave it out, or name another --task");
}

BackboneOptions backbone_options(const TrainOptions& options) {
  BackboneOptions backbone;
  backbone.path = options.backbone.empty() ? default_backbone() : options.backbone;
  backbone.trust = options.trust_backbone;
  backbone.mean = options.mean;
  backbone.std = options.std;
  backbone.side = options.imgsz;
  backbone.device = device_named(options.device);
  return backbone;
}

BackboneOptions square_backbone(const TrainOptions& options) {
  BackboneOptions backbone = backbone_options(options);
  backbone.side = 0;
  return backbone;
}

Json options_json(const TrainOptions& options) {
  const auto given = [](const auto& option) { return option ? Json(*option) : Json(); };
  return {{"task", options.task},
          {"imgsz", options.imgsz},
          {"tile", options.tile},
          {"resize", options.resize},
          {"augment", given(options.augment)},
          {"features", options.features},
          {"val", options.val},
          {"folds", given(options.folds)},
          {"steps", options.steps},
          {"unfreeze", options.unfreeze},
          {"epochs", options.epochs},
          {"conf", given(options.conf)},
          {"target_precision", given(options.target_precision)},
          {"cost", options.cost},
          {"seed", options.seed}};
}

TrainOptions options_of(const RunManifest& run) {
  TrainOptions options;
  options.task = run.task;
  const Json& was = run.options;
  try {
    take(was, "augment", options.augment);
    take(was, "features", options.features);
    take(was, "val", options.val);
    take(was, "folds", options.folds);
    take(was, "steps", options.steps);
    take(was, "tile", options.tile);
    take(was, "imgsz", options.imgsz);
    take(was, "conf", options.conf);
    take(was, "target_precision", options.target_precision);
    take(was, "cost", options.cost);
    take(was, "seed", options.seed);
  } catch (const Json::exception&) {
    throw UserError(kBadModel, "run.json: an option of train is of another kind than train writes");
  }
  if (options.val > 0) options.folds.reset();
  if (run.detector) {
    const auto& frame = run.detector->view.frame;
    if (options.imgsz == 0 && options.tile == 0)
      options.imgsz = std::max(frame.width, frame.height);
  } else {
    options.imgsz = run.side;
    options.resize = resize_name(run.resize);
  }
  return options;
}

}  // namespace preannotate
