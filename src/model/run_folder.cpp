#include "preannotate/model/run_folder.h"

#include <torch/csrc/jit/serialization/pickle.h>
#include <torch/script.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "backbone_info.h"
#include "detector_json.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/hash.h"
#include "preannotate/model/accept_scores.h"
#include "ranges_json.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kFormatVersion = 1;
constexpr const char* kOwnHash = "sha256";
constexpr const char* kRanges = "int8.json";
constexpr const char* kReference = "reference.pt";
constexpr const char* kTensors[] = {"mean", "scale", "weight", "bias"};

std::string head_bytes(const HeadWeights& weights) {
  c10::Dict<std::string, torch::Tensor> tensors;
  for (const auto& [name, value] : weights) tensors.insert(name, value.detach());
  const auto bytes = torch::jit::pickle_save(tensors);
  return {bytes.begin(), bytes.end()};
}

/// Weights only: anything else in the file is refused.
HeadWeights weights_from(const std::string& bytes, const fs::path& path) {
  HeadWeights weights;
  try {
    const auto value = torch::jit::pickle_load({bytes.begin(), bytes.end()});
    for (const auto& entry : value.toGenericDict()) {
      weights.emplace_back(entry.key().toStringRef(),
                           entry.value().toTensor().to(torch::kFloat32).contiguous());
    }
  } catch (const std::exception&) {
    throw UserError(kBadModel, path, " holds no weights of a head; train again");
  }
  return weights;
}

LinearHead linear_head(const HeadWeights& weights, const fs::path& path) {
  const std::map<std::string, torch::Tensor> tensors(weights.begin(), weights.end());
  for (const char* name : kTensors) {
    if (!tensors.contains(name)) throw UserError(kBadModel, path, " has no tensor '", name, "'");
  }
  return {tensors.at("mean"), tensors.at("scale"), tensors.at("weight"), tensors.at("bias")};
}

/// The head fits the classes, and its columns to each other.
void check_head(const LinearHead& head, const RunManifest& manifest, const fs::path& path) {
  const auto classes = static_cast<int64_t>(manifest.classes.size());
  const bool fits = head.weight.dim() == 2 && head.weight.size(0) == classes &&
                    head.bias.dim() == 1 && head.bias.size(0) == classes && head.mean.dim() == 1 &&
                    head.mean.size(0) == head.weight.size(1) &&
                    head.scale.sizes() == head.mean.sizes();
  if (!fits) {
    throw UserError(kBadModel, path, " is a head of another shape than run.json's ", classes,
                    " classes");
  }
}

Json frame_json(const RunManifest& m) {
  return Json{{"format_version", kFormatVersion},
              {"tool_version", PREANNOTATE_VERSION},
              {"task", m.task},
              {"classes", Json::array()},
              {"backbone", info_as_json(m.backbone)}};
}

void add_classifier(Json& json, const RunManifest& m, std::int64_t dimension) {
  json["preprocessing"] = {{"side", m.side}, {"resize", resize_name(m.resize)}, {"exif", "apply"}};
  json["head"] = {{"kind", "linear"},
                  {"link", m.link == Link::kSoftmax ? "softmax" : "sigmoid"},
                  {"features", m.maps ? "embedding+maps" : "embedding"},
                  {"dimension", dimension},
                  {"lambda", m.lambda},
                  {"normalize_rows", false}};
  json["calibration"] = {{"method", "temperature"}, {"temperature", m.temperature}};
  json["thresholds"] = {{"conf", m.conf}};
}

void add_detector(Json& json, const DetectorSettings& settings) {
  const DetectorJson parts = detector_json(settings);
  json["preprocessing"] = parts.preprocessing;
  json["head"] = parts.head;
  json["calibration"] = parts.calibration;
  json["thresholds"] = parts.thresholds;
  json["suppression"] = parts.suppression;
}

Json manifest_json(const RunManifest& m, const HeadWeights& head) {
  Json json = frame_json(m);
  if (m.detector) {
    add_detector(json, *m.detector);
  } else {
    const auto weight =
        std::find_if(head.begin(), head.end(), [](const auto& w) { return w.first == "weight"; });
    add_classifier(json, m, weight == head.end() ? 0 : weight->second.size(1));
  }
  if (m.accept) {
    Json& thresholds = json["thresholds"];
    thresholds.update(m.promise);
    thresholds["per_class"] = accept_scores_json(*m.accept, m.classes);
  }
  json["precisions"] = Json::array();
  for (const auto precision : m.precisions) {
    json["precisions"].push_back(precision_name(precision));
  }
  json["data"] = m.data;
  json["options"] = m.options;
  json["metrics"] = m.metrics;
  if (!m.lineage.is_null()) json["lineage"] = m.lineage;
  return json;
}

void read_classifier(const Json& json, RunManifest& m, const std::string& where) {
  const Json& preprocessing = field(json, "preprocessing", where);
  m.side = static_cast<int>(int_field(preprocessing, "side", where));
  m.resize = resize_named(string_field(preprocessing, "resize", where));
  const Json& head = field(json, "head", where);
  m.link = string_field(head, "link", where) == "softmax" ? Link::kSoftmax : Link::kSigmoid;
  m.maps = string_field(head, "features", where) == "embedding+maps";
  m.lambda = number_field(head, "lambda", where);
  m.temperature = number_field(field(json, "calibration", where), "temperature", where);
  m.conf = number_field(field(json, "thresholds", where), "conf", where);
  if (!(m.temperature > 0)) {
    throw UserError(kBadModel, where, ": a temperature that is not above 0");
  }
}

/// Of runs with --target-precision alone.
void read_acceptance(const Json& thresholds, RunManifest& m, const std::string& where) {
  if (!thresholds.contains("per_class")) return;
  m.accept = accept_scores_from(thresholds["per_class"], m.classes, where + ": thresholds");
  for (const char* key : {"target_precision", "precision", "coverage"}) {
    m.promise[key] = field(thresholds, key, where);
  }
}

RunManifest manifest_from(const Json& json, const std::string& where) {
  RunManifest m;
  m.task = string_field(json, "task", where);
  for (const auto& entry : field(json, "classes", where)) {
    m.classes.push_back(string_field(entry, "name", where));
  }
  if (m.classes.empty()) throw UserError(kBadModel, where, ": no classes");
  m.backbone = info_from_json(field(json, "backbone", where), where);
  if (m.task == "detect") {
    m.detector = detector_from_json(json, static_cast<std::int64_t>(m.classes.size()), where);
  } else {
    read_classifier(json, m, where);
  }
  read_acceptance(field(json, "thresholds", where), m, where);
  if (json.contains("precisions")) {  // runs of earlier versions knew fp32 only
    m.precisions.clear();
    for (const auto& name : json["precisions"]) {
      if (!name.is_string()) throw UserError(kBadModel, where, ": a precision that is no text");
      m.precisions.push_back(precision_named(name.get<std::string>()));
    }
  }
  m.data = field(json, "data", where);
  m.options = field(json, "options", where);
  m.metrics = field(json, "metrics", where);
  if (json.contains("lineage")) m.lineage = json["lineage"];
  return m;
}

void check_version(const Json& json, const std::string& where) {
  const auto version = int_field(json, "format_version", where);
  if (version == kFormatVersion) return;
  throw UserError(kBadModel, where, " has format version ", version,
                  "; this program reads version ", kFormatVersion,
                  version > kFormatVersion ? ", use a newer preannotate" : "");
}

/// Of the manifest without the hash itself.
std::string own_hash(Json json) {
  json.erase(kOwnHash);
  return sha256(json_text(json));
}

std::string checked_own_hash(const Json& json, const fs::path& path) {
  const std::string expected = string_field(json, kOwnHash, path.string());
  if (const std::string found = own_hash(json); found != expected) {
    throw UserError(kBadModel, path, " is damaged: its content has SHA-256 ", found, ", it says ",
                    expected, "; copy the run again or train anew");
  }
  return expected;
}

/// Names inside a run are plain: no folder, so that nothing outside the run is read.
void check_files(const Json& files, const fs::path& folder) {
  for (const char* needed : {"backbone.pt", "head.pt"}) {
    if (!files.contains(needed)) {
      throw UserError(kBadModel, folder / "run.json", " does not list ", needed);
    }
  }
  for (const auto& [name, expected] : files.items()) {
    if (name.find('/') != std::string::npos || name.starts_with(".")) {
      throw UserError(kBadModel, folder / "run.json", ": '", name, "' is no file of a run");
    }
    if (!fs::is_regular_file(folder / name)) {
      throw UserError(kBadModel, folder / name, " is missing; copy the run again or train anew");
    }
    const std::string found = sha256_of_file(folder / name);
    if (!expected.is_string() || found != expected.get<std::string>()) {
      throw UserError(kBadModel, folder / name, " is damaged: SHA-256 is ", found,
                      ", run.json says ", expected.dump(), "; copy the run again or train anew");
    }
  }
}

}  // namespace

HeadWeights weights_of(const LinearHead& head) {
  return {{"mean", head.mean}, {"scale", head.scale}, {"weight", head.weight}, {"bias", head.bias}};
}

std::vector<std::string> run_entries() {
  return {"run.json",     "backbone.pt",  "head.pt",     "int8.json",
          "reference.pt", "metrics.json", "report.html", "learned.json"};
}

RunManifest save_run(const fs::path& folder, const RunManifest& manifest, const HeadWeights& head,
                     const std::string& backbone_bytes,
                     const std::vector<std::string>& other_files) {
  write_file(folder / "backbone.pt", backbone_bytes);
  write_file(folder / "head.pt", head_bytes(head));
  Json json = manifest_json(manifest, head);
  for (size_t i = 0; i < manifest.classes.size(); ++i) {
    json["classes"].push_back({{"id", i + 1}, {"name", manifest.classes[i]}});
  }
  json["files"] = Json::object();
  std::vector<std::string> files = other_files;
  files.insert(files.begin(), {"backbone.pt", "head.pt"});
  if (!manifest.ranges.ranges.empty()) {
    write_file(folder / kRanges, json_text(ranges_json(manifest.ranges)) + "\n");
    files.push_back(kRanges);
  }
  if (manifest.reference) {
    write_file(folder / kReference, reference_bytes(*manifest.reference));
    files.push_back(kReference);
  }
  for (const auto& name : files) json["files"][name] = sha256_of_file(folder / name);

  json[kOwnHash] = own_hash(json);
  write_file(folder / "run.json", json_text(json, 1) + "\n");
  RunManifest saved = manifest;
  saved.model_version = string_field(json, kOwnHash, "run.json").substr(0, 12);
  return saved;
}

Run load_run(const fs::path& folder) {
  const fs::path path = folder / "run.json";
  if (!fs::exists(folder)) {
    throw UserError(kBadModel, "run ", folder, " does not exist; make one with preannotate train");
  }
  if (!fs::exists(path)) {
    throw UserError(kBadModel, folder,
                    " is no run: it has no run.json (preannotate train writes one)");
  }
  try {
    const Json json = parse_json(read_file(path, 64 << 20), path);
    check_version(json, path.string());
    if (!json.contains("head") || !json.contains("classes")) {
      throw UserError(kBadModel, path, " is not what train writes (drafts, perhaps?)");
    }
    Run run;
    run.folder = folder;
    run.manifest = manifest_from(json, path.string());
    check_files(field(json, "files", path.string()), folder);
    if (json["files"].contains(kRanges)) {
      const fs::path ranges = folder / kRanges;
      run.manifest.ranges =
          ranges_from_json(parse_json(read_file(ranges, 64 << 20), ranges), ranges.string());
    }
    if (json["files"].contains(kReference)) {
      const fs::path reference = folder / kReference;
      run.manifest.reference = reference_from(read_file(reference), reference);
    }
    run.manifest.model_version = checked_own_hash(json, path).substr(0, 12);
    const fs::path head_path = folder / "head.pt";
    const auto weights = weights_from(read_file(head_path), head_path);
    if (run.manifest.detector) {
      run.detector.emplace(run.manifest.detector->shape, weights, head_path.string());
    } else {
      run.head = linear_head(weights, head_path);
      run.head.lambda = run.manifest.lambda;
      check_head(run.head, run.manifest, head_path);
    }
    return run;
  } catch (const UserError& error) {
    throw UserError(kBadModel, error.what());
  }
}

Precision precision_for(const Run& run, const std::string& wanted, c10::Device device) {
  const auto usable = usable_precisions();
  const auto has = [&](Precision precision) {
    return precision == Precision::kFp32 || (device.is_cuda() && precision == Precision::kBf16) ||
           (device.is_cpu() && std::any_of(usable.begin(), usable.end(), [&](const auto& one) {
              return one.precision == precision;
            }));
  };
  if (wanted != "auto") {
    const Precision precision = precision_named(wanted);
    if (has(precision)) return precision;
    throw UserError(kNoDevice, "--precision ", wanted, ": ",
                    device.is_cpu() ? "this processor has no instructions for it"
                                    : "on " + device.str() + " there are fp32 and bf16",
                    "; use --precision auto or fp32");
  }
  Precision best = Precision::kFp32;  // the list runs from plain to fast
  for (const Precision precision : run.manifest.precisions) {
    if (has(precision)) best = precision;
  }
  return best;
}

Backbone load_backbone(const Run& run, c10::Device device, Precision precision) {
  BackboneOptions options;
  options.path = run.folder / "backbone.pt";
  options.trusted_sha256 = run.manifest.backbone.sha256;
  options.side = run.manifest.detector ? 0 : run.manifest.side;
  options.mean = run.manifest.backbone.mean;
  options.std = run.manifest.backbone.std;
  options.device = device;
  options.precision = precision;
  options.ranges = run.manifest.ranges;
  return Backbone(options);
}

}  // namespace preannotate
