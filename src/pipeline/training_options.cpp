#include "training_options.h"

#include <nlohmann/json.hpp>

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

}  // namespace preannotate
