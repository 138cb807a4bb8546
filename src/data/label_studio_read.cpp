#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "category_table.h"
#include "image_places.h"
#include "import_faults.h"
#include "json_values.h"
#include "label_checks.h"
#include "label_studio.h"
#include "label_studio_images.h"
#include "outline.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "xml_file.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "config.xml";

const Json& list_in(const Json& object, const char* key, const std::string& where) {
  static const Json kNone = Json::array();
  if (!has_field(object, key)) return kNone;
  if (!object[key].is_array()) throw UserError(kBadInput, where, ": field '", key, "' is no list");
  return object[key];
}

bool is_cancelled(const Json& annotation) {
  return annotation.is_object() && annotation.value("was_cancelled", Json(false)) == Json(true);
}

std::string text_or_empty(const Json& object, const char* key) {
  return has_field(object, key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

class Reader {
 public:
  Reader(fs::path file, const ReadOptions& options)
      : file_(std::move(file)), faults_(file_, options) {}

  Dataset run() {
    const Json root = read_json(file_);
    if (!root.is_array()) throw UserError(kBadInput, file_, ": is no list of Label Studio tasks");
    read_config();
    reviewed_ = std::any_of(root.begin(), root.end(), [](const Json& task) {
      return task.is_object() && has_field(task, "annotations") && task["annotations"].is_array() &&
             !task["annotations"].empty();
    });
    for (size_t i = 0; i < root.size(); ++i) {
      const auto where = "tasks[" + std::to_string(i) + "]";
      faults_.collect(where, [&] { add_task(root[i], where); });
    }
    faults_.finish(dataset_.problems);
    return finish();
  }

 private:
  /// The labelling interface, when it lies beside the tasks: its labels in their order.
  void read_config() {
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
    dataset_.several_classes = !xml.root().select_nodes(".//Choices[@choice='multiple']").empty();
  }

  void add_task(const Json& task, const std::string& where) {
    Sample sample;
    const Json& data = field(task, "data", where);
    sample.image = label_studio_image(data, where + ".data");
    sample.bucket = text_or_empty(data, "pa_bucket");
    if (has_field(data, "pa_width")) sample.width = size_of(data, "pa_width", where + ".data");
    if (has_field(data, "pa_height")) sample.height = size_of(data, "pa_height", where + ".data");
    once_.add(sample.image, where);
    const Json* chosen =
        reviewed_ ? annotation_of(task, sample.image, where) : prediction_of(task, sample, where);
    if (!chosen) return;
    const auto& results = list_in(*chosen, "result", where);
    for (size_t i = 0; i < results.size(); ++i) {
      const auto place = where + ".result[" + std::to_string(i) + "]";
      faults_.collect(where, [&] { add_result(results[i], place, sample); });
    }
    dataset_.samples.push_back(std::move(sample));
  }

  /// What a person left of the task; null when it was never looked at or skipped.
  const Json* annotation_of(const Json& task, const std::string& image, const std::string& where) {
    const Json* latest = nullptr;
    size_t usable = 0;
    const auto& annotations = list_in(task, "annotations", where);
    for (const Json& annotation : annotations) {
      if (is_cancelled(annotation)) continue;
      ++usable;
      if (!latest ||
          text_or_empty(annotation, "updated_at") >= text_or_empty(*latest, "updated_at"))
        latest = &annotation;
    }
    if (usable > 1) {
      dataset_.problems.push_back(
          {image, "several_annotations",
           where + ": has " + std::to_string(usable) + " annotations; the latest is used"});
    }
    if (!latest) {
      dataset_.problems.push_back(
          {image, annotations.empty() ? "not_annotated" : "annotation_skipped",
           where + (annotations.empty() ? ": nobody has annotated it; left out"
                                        : ": the annotator skipped it; left out")});
    }
    return latest;
  }

  const Json* prediction_of(const Json& task, Sample& sample, const std::string& where) {
    static const Json kNone = Json::object();
    const auto& predictions = list_in(task, "predictions", where);
    if (predictions.empty()) return &kNone;
    if (predictions.size() > 1) {
      dataset_.problems.push_back(
          {sample.image, "several_predictions", where + ": the first of its predictions is used"});
    }
    const Json& first = predictions[0];
    const auto version = text_or_empty(first, "model_version");
    if (version != "none") dataset_.model_version = version;
    if (has_field(first, "score"))
      sample.uncertainty = 1 - score_of(first, where + ".predictions[0]");
    return &first;
  }

  void add_result(const Json& result, const std::string& where, Sample& sample) {
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

  void add_classes(const Json& value, const Json& meta, Label label, const std::string& where,
                   Sample& sample) {
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

  void add_region(const Json& result, const Json& value, const char* key, Label label,
                  const std::string& where, Sample& sample) {
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
    if (!place_box(corners, where, sample, label, dataset_.problems)) return;
    for (const auto& name : names) {
      label.category = categories_.number(name, where, kConfig);
      sample.labels.push_back(label);
    }
  }

  Corners polygon_corners(const Json& value, const Sample& sample, const std::string& where,
                          Label& label) const {
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
  Corners rectangle_corners(const Json& value, const Sample& sample, const std::string& where) {
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

  double score_of(const Json& json, const std::string& where) const {
    return checked_score(values_.number(json, "score", where), "field 'score'", where);
  }

  int size_of(const Json& json, const char* key, const std::string& where) const {
    return checked_side(values_.number(json, key, where), "field '" + std::string(key) + "'",
                        where);
  }

  Dataset finish() {
    notes_.move_to(dataset_.problems, file_.string());
    categories_.finish(dataset_);
    sort_samples(dataset_);
    const fs::path folder = file_.has_parent_path() ? file_.parent_path() : fs::path(".");
    ImagePlaces(folder, {folder, folder / "images"}).assign(dataset_, file_);
    return std::move(dataset_);
  }

  fs::path file_;
  ImportFaults faults_;
  ImportNotes notes_;
  JsonValues values_{notes_};
  CategoryTable categories_;
  bool reviewed_ = false;
  ImagesOnce once_;
  Dataset dataset_;
};

}  // namespace

Dataset read_label_studio(const fs::path& file, const ReadOptions& options) {
  return Reader(file, options).run();
}

}  // namespace preannotate
