#pragma once

#include <filesystem>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/image/decode.h"

namespace preannotate {

struct PredictOptions {
  std::filesystem::path model, output;
  std::vector<std::filesystem::path> sources;  // folders, files, "-"
  std::istream* list = nullptr;                // what "-" reads
  std::vector<std::string> formats{"coco", "label_studio", "csv"};
  /// Classifier: accept at or above. Detector: show boxes at or above. Absent: the run's.
  std::optional<double> conf;
  /// A file of scores by class from which drafts are accepted, in place of conf; "": the run's.
  std::filesystem::path thresholds;
  // Of a detector; absent: the run's.
  std::optional<double> iou;   // hard NMS: overlap above which the box of lower score goes
  std::optional<int> max_det;  // boxes of an image
  /// One box at a place: one that a better box of another class overlaps is a candidate.
  std::optional<bool> agnostic_nms;
  bool tta = false;
  int workers = 0;           // 0: cores this process may use
  std::optional<int> batch;  // images a forward pass; absent: 4, of long lists what runs fastest
  std::string device = "auto";
  std::string precision = "auto";  // auto: the fastest that the run allows; fp32, bf16
  bool force = false;
  bool resume = false;  // go on from what an interrupted run has recorded
  /// Draft anew into a folder of people's answers: they stay, as do the ledger's lines of the
  /// images that were answered.
  bool keep_answers = false;
  bool allow_skipped = false;
  DecodeOptions decode;  // limits of an image: pixels, bytes of its file
  bool dry_run = false;
};

struct PredictResult {
  Json summary;  // the content of summary.json
  ExitCode exit_code = kDone;
};

/// Images -> drafts. Throws UserError and Interrupted; then nothing is at options.output, and what
/// was recorded is kept beside it for a run with `resume`, whose outputs are the same bytes (but
/// for the times in summary.json) as those of a run that was not interrupted. A folder that holds
/// answers or selections is replaced with keep_answers alone, whatever `force` says.
PredictResult predict(const PredictOptions& options);

}  // namespace preannotate
