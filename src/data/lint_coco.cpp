#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "coco.h"
#include "json_values.h"
#include "lint.h"
#include "preannotate/core/json.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kStrict = {"cvat", "datumaro"};
const std::vector<std::string> kEvaluation = {"pycocotools"};

/// Names that are constructor arguments of FiftyOne's labels.
const std::set<std::string> kTaken = {
    "label", "confidence", "bounding_box", "mask",  "id",   "image_id", "category_id",
    "bbox",  "keypoints",  "segmentation", "score", "area", "iscrowd"};

class Lint {
 public:
  explicit Lint(const fs::path& file) : file_(file) {}

  std::vector<Finding> run() {
    const Json rest =
        stream_json(file_, {"", "categories", "images", "annotations"},
                    [this](const std::string& list, size_t i, size_t, const Json& item) {
                      ++items_;
                      if (item.is_object()) look(list, item, list + "[" + std::to_string(i) + "]");
                    });
    if (rest.is_array() && items_ == 0)
      add("[]", "results_empty", "loadRes fails on a list of results without any", kEvaluation);
    if (!rest.is_object()) return std::move(findings_);
    for (const char* key : {"info", "licenses"}) {
      if (!rest.contains(key))
        add(key, "key_missing", std::string("'") + key + "' is missing", {"cvat"});
    }
    return std::move(findings_);
  }

 private:
  void look(const std::string& list, const Json& item, const std::string& place) {
    if (list == "categories") category(item, place);
    if (list == "images") image(item, place);
    if (list == "annotations") annotation(item, place);
  }

  void category(const Json& item, const std::string& place) {
    if (has_field(item, "id") && item["id"] == Json(0)) {
      add(place, "category_id_zero", "category id 0 is read as \"no label\"; ids are to start at 1",
          kStrict);
    }
  }

  void image(const Json& item, const std::string& place) {
    if (!has_field(item, "width") || !has_field(item, "height"))
      add(place, "size_missing", "has no width and height", {"fiftyone", "label_studio"});
    id_is_number(item, place);
  }

  void annotation(const Json& item, const std::string& place) {
    id_is_number(item, place);
    if (has_field(item, "id")) {
      if (item["id"] == Json(0)) {
        add(place, "annotation_id_zero",
            "annotation id 0 counts as \"not matched\" in the evaluation: ids are to start at 1",
            kEvaluation);
      }
      if (!ids_.insert(item["id"].dump()).second) {
        add(place, "duplicate_id",
            "annotation id " + item["id"].dump() +
                " is there twice: such annotations are joined or lost",
            {"cvat", "datumaro", "pycocotools"});
      }
    }
    for (const char* key : {"iscrowd", "area"}) {
      if (!has_field(item, key)) {
        add(place, "key_missing", std::string("field '") + key + "' is missing",
            key == std::string_view("iscrowd") ? std::vector<std::string>{"cvat", "pycocotools"}
                                               : kEvaluation);
      }
    }
    if (!has_field(item, "segmentation"))
      add(place, "key_missing", "field 'segmentation' is missing; [] is right for a box", {"cvat"});
    if (has_field(item, "score") && item["score"].is_string())
      add(place, "score_is_text", "the score is text, expected a number", kStrict);
    if (!has_field(item, "bbox") || item["bbox"] == Json::array())
      add(place, "box_missing", "has no bbox", {"cvat", "pycocotools"});
    if (has_field(item, "attributes") && item["attributes"].is_object())
      attributes(item["attributes"], place);
  }

  void attributes(const Json& attributes, const std::string& place) {
    for (const auto& [name, value] : attributes.items()) {
      if (name == "track_id" || name == "keyframe") {
        add(place, "attribute_of_tracks", "attribute '" + name + "' turns the object into a track",
            {"cvat"});
      }
      if (kTaken.contains(name)) {
        add(place, "attribute_name_taken",
            "attribute '" + name + "' collides with a field of its labels", {"fiftyone"});
      }
    }
  }

  void id_is_number(const Json& item, const std::string& place) {
    if (has_field(item, "id") && !item["id"].is_number_integer())
      add(place, "id_not_whole", "id " + item["id"].dump() + " is no whole number", kStrict);
  }

  void add(std::string place, std::string code, std::string message,
           std::vector<std::string> tools) {
    findings_.push_back({std::move(place), std::move(code), std::move(message), std::move(tools)});
  }

  fs::path file_;
  size_t items_ = 0;
  std::set<std::string> ids_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> lint_coco(const fs::path& path) {
  std::vector<Finding> findings;
  for (const auto& file : coco_files(path)) {
    for (auto& finding : Lint(file).run()) findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace preannotate
