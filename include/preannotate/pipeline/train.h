#pragma once

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"

namespace preannotate {

struct TrainOptions {
  std::filesystem::path data, output;
  std::string task;                // classify, multilabel; "" = what the labels say
  std::string format;              // "" = detected
  std::filesystem::path backbone;  // "" = the default
  bool trust_backbone = false;
  std::optional<std::array<float, 3>> mean, std;  // for a backbone that says nothing of its input
  int imgsz = 0;                                  // 0: the backbone's own, and a trial at 320
  std::string resize = "crop";
  std::string augment = "none";   // none, light, strong
  std::string features = "auto";  // auto, embedding, embedding+maps
  double val = 0;                 // > 0: hold out this share instead of folds
  int folds = 5;                  // 0: no validation
  int unfreeze = 0;               // last N stages
  int epochs = 8;                 // of --unfreeze
  double conf = 0.9;              // accept threshold written into the run
  std::uint64_t seed = 0;
  int workers = 0;  // 0: cores this process may use
  int batch = 4;
  std::string device = "auto";
  bool cache = true;  // features on disk
  bool force = false;
  bool allow_skipped = false;
  std::filesystem::path dump_features;  // "" or a folder for features.npy and friends
};

struct TrainResult {
  Json metrics;  // the content of metrics.json
  std::string model_version;
  ExitCode exit_code = kDone;
};

/// Seed -> run. Throws UserError; on failure nothing is left at options.output.
TrainResult train(const TrainOptions& options);

}  // namespace preannotate
