#include "backbone_info.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

std::array<float, 3> three(const Json& json, const char* key, const std::string& where) {
  const auto values = numbers_field(json, key, where);
  if (values.size() != 3) {
    throw UserError(kBadModel, where, ": '", key, "' has ", values.size(),
                    " numbers, expected one for each of red, green, blue");
  }
  const std::array<float, 3> three{static_cast<float>(values[0]), static_cast<float>(values[1]),
                                   static_cast<float>(values[2])};
  for (const float value : three) {
    if (!std::isfinite(value))
      throw UserError(kBadModel, where, ": '", key, "' holds a number that no float can hold");
  }
  return three;
}

BackboneInfo from_flags(const BackboneOptions& options) {
  if (!options.mean || !options.std) {
    throw UserError(
        kBadModel, options.path,
        " says nothing of its input: it holds no backbone.json and models/manifest.json "
        "does not list it; give --mean R,G,B and --std R,G,B (of pixels scaled to "
        "[0, 1]) and --imgsz");
  }
  BackboneInfo info;
  info.name = options.path.stem().string();
  info.source = options.path.filename().string();
  info.mean = *options.mean;
  info.std = *options.std;
  return info;
}

}  // namespace

std::optional<Json> manifest_entry(const fs::path& models, const std::string& sha256) {
  const fs::path path = models / "manifest.json";
  if (!fs::exists(path)) return std::nullopt;
  const Json manifest = read_json(path);
  for (const auto& entry : field(manifest, "models", path.string())) {
    if (string_field(entry, "sha256", path.string()) == sha256) return entry;
  }
  return std::nullopt;
}

BackboneInfo backbone_info(const BackboneOptions& options, const std::string& info_json,
                           const std::optional<Json>& listed) {
  BackboneInfo info;
  try {
    if (!info_json.empty()) {
      const std::string where = options.path.string() + ": backbone.json";
      info = info_from_json(parse_json(info_json, where), where);
    } else if (listed) {
      info = info_from_json(*listed, "models/manifest.json");
    } else {
      return from_flags(options);
    }
  } catch (const UserError& error) {
    throw UserError(kBadModel, error.what());
  }
  for (const float deviation : info.std) {
    if (!(deviation > 0)) throw UserError(kBadModel, options.path, ": std must be above 0");
  }
  return info;
}

Json info_as_json(const BackboneInfo& info) {
  return Json{{"name", info.name},
              {"source", info.source},
              {"licence", info.licence},
              {"sha256", info.sha256},
              {"input_size", {info.input_side, info.input_side}},
              {"side_multiple", info.side_multiple},
              {"mean", info.mean},
              {"std", info.std},
              {"stages", info.stages}};
}

BackboneInfo info_from_json(const Json& json, const std::string& where) {
  BackboneInfo info;
  info.name = string_field(json, "name", where);
  info.source = json.contains("source") ? string_field(json, "source", where) : "";
  info.licence = json.contains("licence") ? string_field(json, "licence", where) : "";
  info.sha256 = json.contains("sha256") ? string_field(json, "sha256", where) : "";
  const auto size = numbers_field(json, "input_size", where);
  if (size.empty() || !(size[0] >= 1 && size[0] <= 8192)) {
    throw UserError(kBadModel, where, ": 'input_size' must hold a side between 1 and 8192 pixels");
  }
  info.input_side = static_cast<int>(size[0]);
  if (json.contains("side_multiple")) {
    const auto multiple = int_field(json, "side_multiple", where);
    if (multiple < 1 || multiple > 1024) {
      throw UserError(kBadModel, where, ": 'side_multiple' is ", multiple, ", expected 1 to 1024");
    }
    info.side_multiple = static_cast<int>(multiple);
  }
  info.mean = three(json, "mean", where);
  info.std = three(json, "std", where);
  if (json.contains("stages")) info.stages = strings_field(json, "stages", where);
  return info;
}

}  // namespace preannotate
