// What run.json says of backbone and detector, and int8.json of ranges: settings that read back, or
// a UserError. load_run() itself needs libtorch; it checks the rest by fields alone.

#include <nlohmann/json.hpp>

#include "fuzz.h"
#include "model/backbone_info.h"
#include "model/detector_json.h"
#include "model/ranges_json.h"

namespace preannotate::fuzz {
namespace {

Json as_run(const DetectorJson& parts) {
  return {{"preprocessing", parts.preprocessing},
          {"head", parts.head},
          {"calibration", parts.calibration},
          {"thresholds", parts.thresholds},
          {"suppression", parts.suppression}};
}

void check_detector(const Json& json, const std::string& where) {
  const Json classes = json.is_object() ? json.value("classes", Json()) : Json();
  const auto count = static_cast<std::int64_t>(classes.size());
  const Json once = as_run(detector_json(detector_from_json(json, count, where)));
  const Json twice = as_run(detector_json(detector_from_json(once, count, where)));
  require(json_text(once) == json_text(twice), "a detector reads back as it was written");
}

void check_backbone(const Json& json, const std::string& where) {
  const Json once = info_as_json(info_from_json(field(json, "backbone", where), where));
  const Json twice = info_as_json(info_from_json(once, where));
  require(json_text(once) == json_text(twice), "a backbone reads back as it was written");
}

void check_ranges(const Json& json, const std::string& where) {
  const Json once = ranges_json(ranges_from_json(json, where));
  require(ranges_from_json(once, where).ranges.size() == once["ranges"].size(),
          "ranges read back as they were written");
}

void test(std::string_view text) {
  Json json;
  if (!accepts([&] { json = parse_json(text, "run.json"); })) return;
  accepts([&] { check_backbone(json, "run.json"); });
  accepts([&] { check_detector(json, "run.json"); });
  accepts([&] { check_ranges(json, "int8.json"); });
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  preannotate::fuzz::test(preannotate::fuzz::text_of(data, size));
  return 0;
}
