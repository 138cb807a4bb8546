#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/image/decode.h"

namespace preannotate {

struct RankOptions {
  std::filesystem::path data;
  std::string task;    // classify, multilabel, detect; "" = what the labels say
  std::string format;  // "" = detected
  /// Each a TorchScript file, or a name in models/manifest.json; none: those of the manifest whose
  /// files are there.
  std::vector<std::string> backbones;
  bool trust_backbone = false;
  int folds = 5;
  bool train_heads = false;  // detector: also train a head on each, for a short time
  int steps = 300;           // of train_heads
  std::uint64_t seed = 0;
  int workers = 0;           // 0: cores this process may use
  std::optional<int> batch;  // images a forward pass; absent: 4
  std::string device = "auto";
  bool cache = true;             // features of whole images on disk
  std::filesystem::path output;  // "" or a folder for rank.json and report.html
  bool force = false;
  bool allow_skipped = false;
  DecodeOptions decode;  // limits of an image: pixels, bytes of its file
};

/// `ranking` is the content of rank.json, best log-loss first:
///
///   {"format_version", "tool_version", "task", "classes",
///    "data": {"path", "images", "items", "item", "per_class", "left_out"},
///    "method": "5-fold out-of-fold",
///    "backbones": [{"name", "file", "sha256", "bytes", "parameters", "input_side", "features",
///                   "dimension", "log_loss", "accuracy" or "exact_match": {value, low, high},
///                   "map", "log_me", "images_per_s", "frame", "map50", "seconds",
///                   "against_best": {"log_loss": {value, low, high}, "right": {...},
///                                    "beyond_noise"}}],
///    "failed": [{"file", "reason"}],
///    "recommendation": {"name", "file", "best", "reason"}, "time": {"total_s"}}
///
/// "items" are what was judged: images, or of a detector crops of objects and of background. What
/// does not apply is absent or null: "map" without several labels an image, "frame" (width, height)
/// and "map50" without boxes. "against_best" is a backbone's figure less the best one's.
struct RankResult {
  Json ranking;
  ExitCode exit_code = kDone;  // kSomeSkipped when a backbone or an image was left out
};

/// Which backbone suits labelled images: for each the head that train would fit, judged on the
/// same folds. Throws UserError; kBadModel when none of the backbones can be used.
RankResult rank(const RankOptions& options);

}  // namespace preannotate
