#pragma once

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/image/augment.h"
#include "preannotate/model/backbone.h"
#include "preannotate/model/classifier.h"
#include "preannotate/model/detector_run.h"
#include "preannotate/model/seed_reference.h"
#include "preannotate/quality/thresholds.h"

namespace preannotate {

/// What a run can do, as run.json says it.
struct RunManifest {
  std::string model_version;  // first 12 hex digits of the manifest's SHA-256; set by load and save
  std::string task;           // classify, multilabel or detect
  std::vector<std::string> classes;
  BackboneInfo backbone;
  // Of a classifier:
  int side = 224;
  Resize resize = Resize::kSquash;
  bool maps = false;  // the head reads the pooled maps beside the embedding
  Link link = Link::kSoftmax;
  double lambda = 0;                         // penalty the head was fitted with
  double temperature = 1;                    // softmax(logits / temperature)
  double conf = 0.9;                         // drafts at or above this score are accepted
  std::optional<DetectorSettings> detector;  // of a detector, in place of the seven above
  /// Scores from which drafts of each class are accepted, in place of `conf`, a detector's 0.9.
  std::optional<AcceptScores> accept;
  Json promise;  // with them: {"target_precision", "precision", "coverage"}; else null
  /// Precisions that kept fp32's results on held-out images when the run was trained: fp32, then
  /// those that were faster, the fastest last.
  std::vector<Precision> precisions{Precision::kFp32};
  ActivationRanges ranges;  // of the backbone on images of the seed, for int8; may be empty
  /// What predict holds folders against; absent where nothing was held out, and in older runs.
  std::optional<SeedReference> reference;
  Json data, options, metrics;  // provenance: seed, options of train, held-out figures
  Json lineage;  // of a run that update made: parent, round, answers, verdict; else null
};

struct Run {
  RunManifest manifest;
  LinearHead head;                   // of a classifier
  std::optional<Detector> detector;  // of a detector
  std::filesystem::path folder;
};

/// Named weights, as they stand in head.pt.
using HeadWeights = std::vector<std::pair<std::string, torch::Tensor>>;
HeadWeights weights_of(const LinearHead& head);

/// Entries of a run folder, for OutputFolder.
std::vector<std::string> run_entries();

/// Writes backbone.pt, head.pt, int8.json and reference.pt (ranges and reference, when there are
/// any) and run.json below `folder`, which already holds `other_files` (metrics.json, report.html):
/// each is pinned by its SHA-256. Returns the manifest with its model_version.
RunManifest save_run(const std::filesystem::path& folder, const RunManifest& manifest,
                     const HeadWeights& head, const std::string& backbone_bytes,
                     const std::vector<std::string>& other_files);

/// Verifies every hash before anything is loaded. Throws UserError(kBadModel): missing, no run,
/// written by a newer version, damaged (names the file, expected and found hash).
Run load_run(const std::filesystem::path& folder);

/// What to compute in: "auto" takes the fastest that this processor has and the run allows, another
/// word is taken as it is. Throws UserError(kNoDevice) when the processor or the device lacks it.
Precision precision_for(const Run& run, const std::string& wanted, c10::Device device);

/// The run's own backbone, on `device`.
Backbone load_backbone(const Run& run, c10::Device device, Precision precision = Precision::kFp32);

}  // namespace preannotate
