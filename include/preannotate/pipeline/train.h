#pragma once

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/image/decode.h"

namespace preannotate {

struct TrainOptions {
  std::filesystem::path data, output;
  std::string task;                // classify, multilabel, detect; "" = what the labels say
  std::string format;              // "" = detected
  std::filesystem::path backbone;  // "" = the default
  bool trust_backbone = false;
  std::optional<std::array<float, 3>> mean, std;  // for a backbone that says nothing of its input
  /// Side of the input; a detector's long side. 0: the backbone's own, and a trial at 320; a
  /// detector's is chosen from the sizes of the boxes.
  int imgsz = 0;
  int tile = 0;                        // detector: > 0, tiles of that many image pixels
  std::string resize = "crop";         // classifier
  std::optional<std::string> augment;  // none, light, strong; absent: none, a detector's is light
  std::string features = "auto";       // classifier: auto, embedding, embedding+maps
  double val = 0;                      // > 0: hold out this share instead of folds
  /// Cross-validation, 0 for none. Absent: 5; a detector holds out a fifth, or has 3 folds when
  /// there are fewer than 20 images.
  std::optional<int> folds;
  int steps = 0;     // detector: of training; 0: from the number of images
  int unfreeze = 0;  // last N stages
  int epochs = 8;    // of --unfreeze
  /// Written into the run. Classifier: accept drafts from this score on, absent: 0.9. Detector:
  /// show boxes from this score on, absent: per class, what costs a person least time.
  std::optional<double> conf;
  /// Written into the run: a score a class from which drafts are accepted, chosen so that they are
  /// right with this precision. In place of conf.
  std::optional<double> target_precision;
  std::string cost;  // detector: FILE or FILE:COLUMN with the seconds of a person's actions
  std::uint64_t seed = 0;
  int workers = 0;           // 0: cores this process may use
  std::optional<int> batch;  // images a forward pass; absent: 4
  std::string device = "auto";
  bool cache = true;  // features on disk
  bool force = false;
  bool allow_skipped = false;
  DecodeOptions decode;                 // limits of an image: pixels, bytes of its file
  std::filesystem::path dump_features;  // "" or a folder for features.npy and friends
};

struct TrainResult {
  Json metrics;          // the content of metrics.json
  std::string headline;  // its validation in one line; empty without one
  std::string model_version;
  ExitCode exit_code = kDone;
};

/// Seed -> run. Throws UserError; on failure nothing is left at options.output.
TrainResult train(const TrainOptions& options);

}  // namespace preannotate
