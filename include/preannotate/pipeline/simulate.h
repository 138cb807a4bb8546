#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/image/decode.h"

namespace preannotate {

struct SimulateOptions {
  std::filesystem::path data;      // labelled images
  std::filesystem::path pool;      // more of them, of the same classes; "" for none
  std::string task;                // classify or detect; "" = what the labels say
  std::string format;              // of both; "" = detected
  std::filesystem::path backbone;  // "" = the default
  bool trust_backbone = false;
  std::string reviewer = "oracle";  // oracle, noisy, biased:SHARE
  std::string cost;                 // FILE or FILE:COLUMN with the seconds of a person's actions
  bool trust_reviewers = false;     // classifier: plant no wrong drafts among those that they see
  double max_error = 0.01, confidence = 0.95;  // classifier: of the finished labels
  size_t first = 0;   // images labelled before there is a model; 0: 40, with boxes 10
  size_t budget = 0;  // images that people see; 0: as many as it takes
  int rounds = 0;     // models trained; 0: as long as one pays, with boxes 3
  int repeats = 0;    // 0: 5, with boxes 1
  int steps = 0;      // detector: of each training; 0: from the number of images
  std::uint64_t seed = 0;
  int workers = 0;           // 0: cores this process may use
  std::optional<int> batch;  // images a forward pass; absent: 4
  std::string device = "auto";
  bool cache = true;             // features on disk
  std::filesystem::path output;  // "" or a folder for simulation.json and report.html
  bool force = false;
  bool allow_skipped = false;
  DecodeOptions decode;  // limits of an image: pixels, bytes of its file
};

/// `simulation` is the content of simulation.json. A figure {value, low, high} is the mean over the
/// repeats with the least and the most of them.
///
///   {"format_version", "tool_version", "task", "classes", "reviewer", "repeats", "confidence",
///    "max_error", "data": {"path", "pool", "images", "per_class", "left_out"},
///    "cost": {action: seconds},
///    "loop": {"seconds_per_image", "answers_per_image", "seen_share", "in_pages_share",
///             "unseen_share", "residual_error": each {value, low, high},
///             "certified": runs, "broken": runs with more wrong labels than certified,
///             "actions": {action: times an image}, "planted", "planted_passed": a run},
///    "manual": {"seconds_per_image"}, "drafts_only": {"seconds_per_image": {...}},
///    "runs": [{"seconds_per_image", "residual_error", "bound", "certified", "models", "sample",
///              "caught", "planted", "planted_passed"}],
///    "curve": [{"labelled", "draft_error", "seconds_per_image"}] mean over the runs that trained
///    so many models, "time": {"total_s"}}
///
/// An answer is an image that somebody labels, corrects or verifies by itself; drafts that are
/// accepted by the page (in_pages_share) are looked at but are no answers, and unseen_share nobody
/// sees. Of a detector "loop" has {"seconds_per_image", "manual_seconds_per_image", "saved_share"
/// and the counts of CorrectionEffort} and each point of the curve "map50" and the seconds of its
/// batch.
struct SimulateResult {
  Json simulation;
  ExitCode exit_code = kDone;
};

/// Replays the loop of seed, drafts, review and update on labelled images with a simulated person,
/// so that one knows what it will save. Throws UserError.
SimulateResult simulate(const SimulateOptions& options);

}  // namespace preannotate
