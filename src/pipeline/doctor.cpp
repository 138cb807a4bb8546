#include "preannotate/pipeline/doctor.h"

#include <nlohmann/json.hpp>
#include <opencv2/core/version.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/json.h"
#include "preannotate/data/format.h"
#include "preannotate/model/backbone.h"
#include "preannotate/model/device.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

std::string precisions() {
  std::string names;
  for (const auto& usable : usable_precisions()) {
    names += (names.empty() ? "" : ", ") + std::string(precision_name(usable.precision)) + " (" +
             usable.instructions + ")";
  }
  return names;
}

std::string formats() {
  std::string text;
  for (const auto* format : dataset_formats()) {
    text += (text.empty() ? "" : ", ") + std::string(format->name);
  }
  return text;
}

/// "efficientnet_lite0.pt, whole" or what is wrong with it.
std::string default_backbone_state(bool& healthy) {
  const fs::path path = default_backbone();
  healthy = false;
  if (!fs::exists(path)) return "missing: " + path.string();
  const fs::path manifest_path = path.parent_path() / "manifest.json";
  if (!fs::exists(manifest_path)) return "manifest missing: " + manifest_path.string();
  try {
    const std::string found = sha256_of_file(path);
    const Json manifest = read_json(manifest_path);
    for (const auto& entry : field(manifest, "models", manifest_path.string())) {
      if (entry.value("file", "") != path.filename().string()) continue;
      healthy = entry.value("sha256", "") == found;
      return path.string() +
             (healthy ? ", whole" : ", damaged: SHA-256 differs from manifest.json");
    }
    return path.string() + ", not in manifest.json";
  } catch (const UserError& error) {
    return error.what();
  }
}

}  // namespace

Diagnosis diagnose() {
  Diagnosis d;
  const auto cuda = built_with_cuda() ? "yes" : "no (built without; -DPREANNOTATE_CUDA=ON)";
  d.findings = {{"version", PREANNOTATE_VERSION},
                {"compiler", "g++ " __VERSION__},
                {"libtorch", libtorch_version()},
                {"opencv", CV_VERSION},
                {"cuda", cuda},
                {"device", device_description(device_named("auto"))},
                {"cores", std::to_string(usable_cores())},
                {"precisions", precisions()},
                {"formats", formats()},
                {"models", models_folder().string()},
                {"default backbone", default_backbone_state(d.healthy)},
                {"feature cache", (cache_folder() / "features").string()}};
  return d;
}

}  // namespace preannotate
