#include "label_studio_results.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "label_studio_images.h"
#include "outline.h"
#include "preannotate/core/error.h"
#include "xml_file.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr const char* kConfig = "config.xml";

}  // namespace

const Json& list_in(const Json& object, const char* key, const std::string& where) {
  static const Json kNone = Json::array();
  if (!has_field(object, key)) return kNone;
  if (!object[key].is_array()) throw UserError(kBadInput, where, ": field '", key, "' is no list");
  return object[key];
}

std::string text_or_empty(const Json& object, const char* key) {
  return has_field(object, key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

bool is_cancelled(const Json& annotation) {
  return annotation.is_object() && annotation.value("was_cancelled", Json(false)) == Json(true);
}

Json LabelStudioResults::tasks() {
  Json root = read_json(file_);
  if (!root.is_array()) throw UserError(kBadInput, file_, ": is no list of Label Studio tasks");
  read_config();
  return root;
}

/// The labelling interface, when it lies beside the tasks: its labels in their order.
void LabelStudioResults::read_config() {
  const fs::path path = file_.parent_path() / kConfig;
  std::error_code error;
  if (!fs::exists(path, error)) return;
  const XmlFile xml(path, path.string());
  std::vector<std::string> seen;
  for (const auto node : xml.root().select_nodes(".//Label | .//Choice")) {
    const std::string name = node.node().attribute("value").value();
    // Boxes, polygons and classes may each list the same.
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
    seen.push_back(name);
    categories_.list(name, xml.where(node.node()));
  }
  dataset.several_classes = !xml.root().select_nodes(".//Choices[@choice='multiple']").empty();
}

Sample LabelStudioResults::sample_of(const Json& task, const std::string& where) const {
  Sample sample;
  const Json& data = field(task, "data", where);
  sample.image = label_studio_image(data, where + ".data");
  sample.bucket = text_or_empty(data, "pa_bucket");
  if (has_field(data, "pa_width")) sample.width = size_of(data, "pa_width", where + ".data");
  if (has_field(data, "pa_height")) sample.height = size_of(data, "pa_height", where + ".data");
  return sample;
}

void LabelStudioResults::add_labels(const Json& annotation, const std::string& where,
                                    Sample& sample) {
  const auto& results = list_in(annotation, "result", where);
  for (size_t i = 0; i < results.size(); ++i) {
    const auto place = where + ".result[" + std::to_string(i) + "]";
    faults.collect(where, [&] { add_result(results[i], place, sample); });
  }
}

void LabelStudioResults::add_result(const Json& result, const std::string& where, Sample& sample) {
  const auto type = string_field(result, "type", where);
  const Json& value = field(result, "value", where);
  Label label;
  if (has_field(result, "score")) label.score = score_of(result, where);
  label.id = text_or_empty(result, "id");
  const Json meta = has_field(result, "meta") ? result["meta"] : Json::object();
  if (type == "choices") return add_classes(value, meta, label, where, sample);
  const bool polygon = type == "polygonlabels";
  if (!polygon && type != "rectanglelabels") {
    notes_.add("unsupported_region", where, "a region of type '" + type + "' is left out");
    return;
  }
  label.crowd = meta.is_object() && meta.value("pa_crowd", Json(false)) == Json(true);
  add_region(result, value, polygon ? "polygonlabels" : "rectanglelabels", label, where, sample);
}

void LabelStudioResults::add_classes(const Json& value, const Json& meta, Label label,
                                     const std::string& where, Sample& sample) {
  if (has_field(value, "x") || has_field(value, "points")) {
    notes_.add("unsupported_region", where, "choices of a single region are left out");
    return;
  }
  const auto names = strings_field(value, "choices", where);
  const auto own = [&](const char* key) {
    const auto list = meta.is_object() ? meta.value(key, Json::array()) : Json::array();
    return list.is_array() && list.size() == names.size() ? list : Json::array();
  };
  const Json ids = own("pa_ids"), scores = own("pa_scores");
  for (size_t i = 0; i < names.size(); ++i) {
    label.category = categories_.number(names[i], where, kConfig);
    if (!ids.empty() && ids[i].is_string()) label.id = ids[i].get<std::string>();
    if (!scores.empty() && scores[i].is_number()) label.score = scores[i].get<double>();
    if (label.score) checked_score(*label.score, "a score", where);
    sample.labels.push_back(label);
  }
}

void LabelStudioResults::add_region(const Json& result, const Json& value, const char* key,
                                    Label label, const std::string& where, Sample& sample) {
  const auto names =
      has_field(value, key) ? strings_field(value, key, where) : std::vector<std::string>{};
  if (names.empty()) {
    notes_.add("region_without_label", where, "a region has no label; left out");
    return;
  }
  sample.width = size_of(result, "original_width", where);
  sample.height = size_of(result, "original_height", where);
  const auto corners = key == std::string_view("polygonlabels")
                           ? polygon_corners(value, sample, where, label)
                           : rectangle_corners(value, sample, where);
  if (!place_box(corners, where, sample, label, dataset.problems)) return;
  for (const auto& name : names) {
    label.category = categories_.number(name, where, kConfig);
    sample.labels.push_back(label);
  }
}

Corners LabelStudioResults::polygon_corners(const Json& value, const Sample& sample,
                                            const std::string& where, Label& label) const {
  std::vector<double> points;
  for (const Json& point : list_in(value, "points", where)) {
    const auto pair = values_.numbers(point, "points", where);
    if (pair.size() != 2) throw UserError(kBadInput, where, ": a point is no [x, y]");
    points.push_back(pair[0] / 100 * sample.width);
    points.push_back(pair[1] / 100 * sample.height);
  }
  if (points.size() < 6) {
    throw UserError(kBadInput, where, ": a polygon has ", points.size() / 2,
                    " points, expected 3 or more");
  }
  label.segmentation = polygon_segmentation(points);
  return corners_around(points);
}

/// Percent of the image, top left and size; turned around the top left corner.
Corners LabelStudioResults::rectangle_corners(const Json& value, const Sample& sample,
                                              const std::string& where) {
  const double x = values_.number(value, "x", where) / 100 * sample.width;
  const double y = values_.number(value, "y", where) / 100 * sample.height;
  const double width = values_.number(value, "width", where) / 100 * sample.width;
  const double height = values_.number(value, "height", where) / 100 * sample.height;
  const double degrees =
      has_field(value, "rotation") ? values_.number(value, "rotation", where) : 0;
  if (degrees == 0) return {x, y, x + width, y + height};
  notes_.add("rotated_box", where, "a rotated box becomes the upright one around it");
  const double turn = degrees * std::acos(-1.0) / 180, c = std::cos(turn), s = std::sin(turn);
  return corners_around({x, y, x + width * c, y + width * s, x - height * s, y + height * c,
                         x + width * c - height * s, y + width * s + height * c});
}

double LabelStudioResults::score_of(const Json& json, const std::string& where) const {
  return checked_score(values_.number(json, "score", where), "field 'score'", where);
}

int LabelStudioResults::size_of(const Json& json, const char* key, const std::string& where) const {
  return checked_side(values_.number(json, key, where), "field '" + std::string(key) + "'", where);
}

void LabelStudioResults::finish() {
  faults.finish(dataset.problems);
  notes_.move_to(dataset.problems, file_.string());
  categories_.finish(dataset);
}

}  // namespace preannotate
