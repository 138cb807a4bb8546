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

struct EvaluateOptions {
  std::filesystem::path model, drafts;  // one of them
  std::filesystem::path data;           // labelled images
  std::string format;                   // of data; "" = detected
  std::filesystem::path output;         // "" or a folder for metrics.json and report.html
  std::vector<std::string> fail_under;  // "accuracy=0.9", "map50=0.8", ...
  std::string cost;  // detector: FILE or FILE:COLUMN with the seconds of a person's actions
  int workers = 0;
  std::optional<int> batch;  // images a forward pass; absent: 4
  std::string device = "auto";
  bool force = false;
  bool allow_skipped = false;
  DecodeOptions decode;  // limits of an image: pixels, bytes of its file
};

/// A figure that fail_under names.
struct GatedFigure {
  std::string name;
  std::string below;  // "accuracy 0.8030 is under 0.9"; "" when it is not
};

struct EvaluateResult {
  Json metrics;                    // as metrics.json
  std::string headline;            // its validation in one line
  std::vector<GatedFigure> gates;  // one for each of fail_under
  std::vector<std::string> below;  // what is wrong with those that are
  ExitCode exit_code = kDone;      // kCheckFailed when `below` is not empty
};

/// A run on labelled images, or drafts against labels (matched by path below the source). A draft
/// that is missing or failed counts as wrong. Throws UserError.
EvaluateResult evaluate(const EvaluateOptions& options);

}  // namespace preannotate
