#include "detector_json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"

namespace preannotate {

namespace {

// Far more than any head has; bounds the memory that a strange run.json can ask for.
constexpr std::int64_t kMostChannels = 4096;

Json score_map_json(const ScoreMap& map) {
  Json json{{"method", map.method}};
  if (map.method == "platt") {
    json["slope"] = map.slope;
    json["offset"] = map.offset;
  }
  if (map.method == "isotonic") {
    json["steps"] = Json::array();
    for (const auto& [score, probability] : map.steps) {
      json["steps"].push_back({score, probability});
    }
  }
  return json;
}

/// A field between two bounds, themselves allowed.
double number_in(const Json& object, const char* key, double least, double most,
                 const std::string& where) {
  const double value = number_field(object, key, where);
  if (value >= least && value <= most) return value;
  throw UserError(kBadModel, where, ": field '", key, "' is ", value, ", expected ", least, " to ",
                  most);
}

void check_steps(const std::vector<std::pair<double, double>>& steps, const std::string& where) {
  bool fit = !steps.empty();
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto& [score, probability] = steps[i];
    fit = fit && probability >= 0 && probability <= 1 &&
          (i == 0 || (score >= steps[i - 1].first && probability >= steps[i - 1].second));
  }
  if (!fit) {
    throw UserError(kBadModel, where,
                    ": the calibration steps are none, do not rise, or leave 0 to 1");
  }
}

ScoreMap score_map_from(const Json& json, const std::string& where) {
  ScoreMap map;
  map.method = string_field(json, "method", where);
  if (map.method == "platt") {
    map.slope = number_in(json, "slope", 0, std::numeric_limits<double>::max(), where);
    map.offset = number_field(json, "offset", where);
  } else if (map.method == "isotonic") {
    for (const auto& step : field(json, "steps", where)) {
      if (!step.is_array() || step.size() != 2 || !step[0].is_number() || !step[1].is_number()) {
        throw UserError(kBadModel, where, ": a calibration step is no pair of numbers");
      }
      map.steps.emplace_back(step[0].get<double>(), step[1].get<double>());
    }
    check_steps(map.steps, where);
  } else if (map.method != "none") {
    throw UserError(kBadModel, where, ": calibration method '", map.method,
                    "' is not one of none, platt, isotonic");
  }
  return map;
}

std::vector<std::int64_t> whole_numbers(const Json& object, const char* key,
                                        const std::string& where) {
  std::vector<std::int64_t> values;
  for (const double value : numbers_field(object, key, where)) {
    if (value < 0 || value > 1 << 20 || value != static_cast<std::int64_t>(value)) {
      throw UserError(kBadModel, where, ": field '", key, "' holds ", value,
                      ", expected whole numbers");
    }
    values.push_back(static_cast<std::int64_t>(value));
  }
  return values;
}

void check_channels(std::int64_t channels, const std::string& where) {
  if (channels > 0 && channels <= kMostChannels && channels % 16 == 0) return;
  throw UserError(kBadModel, where, ": a head of ", channels,
                  " channels, expected a multiple of 16", " up to ", kMostChannels);
}

// Beyond these a crafted run would ask for more memory than there is.
constexpr int kLongestFrame = 4096;
constexpr double kLargestTileScale = 128;

void check_size(const DetectorView& view, const std::string& where) {
  if (std::max(view.frame.width, view.frame.height) > kLongestFrame) {
    throw UserError(kBadModel, where, ": a frame of ", view.frame.width, " x ", view.frame.height,
                    " px, expected at most ", kLongestFrame, " a side");
  }
  if (view.tile_scale > kLargestTileScale) {
    throw UserError(kBadModel, where, ": tiles enlarged ", view.tile_scale,
                    " times, expected at most ", kLargestTileScale);
  }
}

/// Each level's grid is twice the next one's, and the frame holds whole cells of all of them.
void check_geometry(const DetectorSettings& s, const std::string& where) {
  const auto& shape = s.shape;
  bool fits = !shape.strides.empty() && shape.strides.size() == shape.map_channels.size() &&
              shape.map_channels.back() > 0;
  for (size_t i = 0; fits && i < shape.strides.size(); ++i) {
    fits = shape.strides[i] > 0 && s.view.frame.width % shape.strides[i] == 0 &&
           s.view.frame.height % shape.strides[i] == 0 &&
           (i == 0 || shape.strides[i] == 2 * shape.strides[i - 1]);
  }
  fits = fits && s.view.frame.width > 0 && s.view.frame.height > 0 && s.view.tile_scale >= 0 &&
         s.view.tile_overlap >= 0 && s.view.tile_overlap <= 0.5;
  if (!fits) {
    throw UserError(kBadModel, where, ": frame, tiles and strides of the head do not fit together");
  }
}

}  // namespace

DetectorJson detector_json(const DetectorSettings& s) {
  DetectorJson json;
  json.preprocessing = {{"frame", {s.view.frame.width, s.view.frame.height}},
                        {"tile_scale", s.view.tile_scale},
                        {"tile_overlap", s.view.tile_overlap},
                        {"exif", "apply"}};
  json.head = {{"kind", "detector"},
               {"strides", s.shape.strides},
               {"map_channels", s.shape.map_channels},
               {"channels", s.shape.channels}};
  json.calibration = {{"method", "per_class"}, {"maps", Json::array()}};
  for (const auto& map : s.score_maps) json.calibration["maps"].push_back(score_map_json(map));
  json.thresholds = {{"conf", s.conf}};
  json.suppression = {
      {"sigma", s.sigma}, {"iou", s.iou}, {"agnostic", s.agnostic}, {"max_det", s.max_det}};
  return json;
}

DetectorSettings detector_from_json(const Json& run, std::int64_t classes,
                                    const std::string& where) {
  DetectorSettings s;
  const Json& preprocessing = field(run, "preprocessing", where);
  const auto frame = whole_numbers(preprocessing, "frame", where);
  if (frame.size() != 2) throw UserError(kBadModel, where, ": 'frame' is not [width, height]");
  s.view.frame = {static_cast<int>(frame[0]), static_cast<int>(frame[1])};
  s.view.tile_scale = number_field(preprocessing, "tile_scale", where);
  s.view.tile_overlap = number_field(preprocessing, "tile_overlap", where);
  const Json& head = field(run, "head", where);
  for (const auto stride : whole_numbers(head, "strides", where)) {
    s.shape.strides.push_back(static_cast<int>(stride));
  }
  s.shape.map_channels = whole_numbers(head, "map_channels", where);
  s.shape.channels = int_field(head, "channels", where);
  s.shape.classes = classes;
  check_channels(s.shape.channels, where);
  check_size(s.view, where);
  check_geometry(s, where);
  for (const auto& map : field(field(run, "calibration", where), "maps", where)) {
    s.score_maps.push_back(score_map_from(map, where));
  }
  s.conf = numbers_field(field(run, "thresholds", where), "conf", where);
  const auto count = static_cast<size_t>(classes);
  if (s.score_maps.size() != count || s.conf.size() != count) {
    throw UserError(kBadModel, where, ": ", s.score_maps.size(), " calibration maps and ",
                    s.conf.size(), " thresholds for ", classes, " classes");
  }
  for (const double conf : s.conf) {
    if (!(conf >= 0 && conf <= 1)) {
      throw UserError(kBadModel, where, ": field 'conf' holds ", conf, ", expected 0 to 1");
    }
  }
  const Json& suppression = field(run, "suppression", where);
  s.sigma = number_in(suppression, "sigma", 0, 100, where);
  s.iou = number_in(suppression, "iou", 0, 1, where);
  s.agnostic = bool_field(suppression, "agnostic", where);
  const auto max_det = int_field(suppression, "max_det", where);
  if (max_det < 1 || max_det > std::numeric_limits<int>::max()) {
    throw UserError(kBadModel, where, ": field 'max_det' is ", max_det, ", expected 1 or more");
  }
  s.max_det = static_cast<int>(max_det);
  return s;
}

}  // namespace preannotate
