#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "box_check.h"
#include "coco.h"
#include "coco_images.h"
#include "coco_values.h"
#include "image_places.h"
#include "import_faults.h"
#include "names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

const Json& list_of(const Json& root, const char* key, const std::string& where) {
  const Json& list = field(root, key, where);
  if (!list.is_array()) throw UserError(kBadInput, where, ": '", key, "' is no list");
  return list;
}

class Reader {
 public:
  explicit Reader(fs::path file) : file_(std::move(file)), faults_(file_) {}

  Dataset run() {
    const Json root = read_json(file_);
    if (root.is_array()) {
      throw UserError(kBadInput, file_,
                      ": is a list, expected an object with images, categories and annotations (a "
                      "file of COCO results names no images)");
    }
    each(root, "categories",
         [&](const Json& item, size_t, const std::string& where) { add_category(item, where); });
    each(root, "images", [&](const Json& item, size_t i, const std::string& where) {
      images_.add(item, i, where);
    });
    number_categories();
    each(root, "annotations",
         [&](const Json& item, size_t, const std::string& where) { add_annotation(item, where); });
    check_strays(root["annotations"].size());
    faults_.throw_if_any();
    return finish();
  }

 private:
  struct Category {
    std::int64_t id;
    std::string name;
  };

  template <class Add>
  void each(const Json& root, const char* key, const Add& add) {
    const Json& list = list_of(root, key, file_.string());
    for (size_t i = 0; i < list.size(); ++i) {
      const auto where = std::string(key) + "[" + std::to_string(i) + "]";
      faults_.collect(where, [&] { add(list[i], i, where); });
    }
  }

  void add_category(const Json& json, const std::string& where) {
    const Category category{values_.id(json, "id", where), string_field(json, "name", where)};
    for (size_t i = 0; i < categories_.size(); ++i) {
      const bool same_id = categories_[i].id == category.id;
      if (!same_id && categories_[i].name != category.name) continue;
      throw UserError(
          kBadInput, where, ": ",
          same_id ? "id " + std::to_string(category.id) : "name '" + category.name + "'",
          " is already that of category '", categories_[i].name, "' (id ", categories_[i].id,
          "); each category needs its own id and name");
    }
    categories_.push_back(category);
    check_category_name(category.name, where);
  }

  /// In the order of their ids, gaps closed.
  void number_categories() {
    std::sort(categories_.begin(), categories_.end(),
              [](const Category& a, const Category& b) { return a.id < b.id; });
    for (size_t i = 0; i < categories_.size(); ++i) {
      index_[categories_[i].id] = static_cast<int>(i);
      dataset_.categories.push_back(categories_[i].name);
    }
  }

  int category_of(const Json& annotation, const std::string& where) const {
    const auto id = values_.id(annotation, "category_id", where);
    const auto found = index_.find(id);
    if (found != index_.end()) return found->second;
    std::vector<std::string> known;
    for (const Category& category : categories_)
      known.push_back(std::to_string(category.id) + " " + category.name);
    throw UserError(kBadInput, where, ": category_id ", id,
                    " is not among the categories: ", join_names(known));
  }

  void add_annotation(const Json& json, const std::string& where) {
    const auto sample = images_.of_annotation(json, where);
    if (!sample) {
      dataset_.problems.push_back(
          {"image_id " + json["image_id"].dump(), "annotation_without_image",
           where + " of " + file_.string() + " is of an image that is not listed; left out"});
      ++strays_;
      return;
    }
    Label label;
    label.category = category_of(json, where);
    if (has_field(json, "score")) label.score = score_of(json, where);
    if (has_field(json, "id")) note_id(json, where);
    const bool image_level = read_attributes(json, label);
    if (image_level) {
      images_.samples()[*sample].labels.push_back(label);
      return;
    }
    label.crowd = crowd_of(json, where);
    label.area = area_of(json, where);
    add_box(json, where, images_.samples()[*sample], label);
  }

  void add_box(const Json& json, const std::string& where, Sample& sample, Label& label) {
    const auto verdict = checked_box(corners_of(json, where), sample.width, sample.height);
    if (!verdict.reason.empty()) {
      dataset_.problems.push_back(
          {sample.image, verdict.reason, where + " of " + file_.string() + ": " + verdict.detail});
      label.area = 0;
    }
    if (!verdict.box) return;
    label.box = verdict.box;
    sample.labels.push_back(label);
  }

  double score_of(const Json& json, const std::string& where) const {
    const double score = values_.number(json, "score", where);
    if (!(score >= 0 && score <= 1)) {
      throw UserError(kBadInput, where, ": field 'score' is ", score, ", expected 0 to 1");
    }
    return score;
  }

  void note_id(const Json& json, const std::string& where) {
    if (!ids_.insert(values_.id(json, "id", where)).second)
      notes_.add("duplicate_id", where, "the annotation id is there twice; numbered anew");
  }

  /// What our own drafts say of themselves. True for a class of the whole image.
  static bool read_attributes(const Json& json, Label& label) {
    if (!has_field(json, "attributes") || !json["attributes"].is_object()) return false;
    const Json& attributes = json["attributes"];
    const auto id = attributes.find("draft_id");
    if (id != attributes.end() && id->is_string()) label.id = id->get<std::string>();
    return attributes.value("image_level", Json(false)) == Json(true);
  }

  bool crowd_of(const Json& json, const std::string& where) const {
    if (!has_field(json, "iscrowd")) return false;
    const Json& crowd = json["iscrowd"];
    if (crowd.is_boolean()) return crowd.get<bool>();
    const auto number = values_.id(json, "iscrowd", where);
    if (number != 0 && number != 1) {
      throw UserError(kBadInput, where, ": field 'iscrowd' is ", number, ", expected 0 or 1");
    }
    return number == 1;
  }

  double area_of(const Json& json, const std::string& where) {
    if (!has_field(json, "area")) return 0;
    const double area = values_.number(json, "area", where);
    if (area > 0) return area;
    notes_.add("area_not_positive", where, "the area is not above 0; the box's is used");
    return 0;
  }

  Corners corners_of(const Json& json, const std::string& where) const {
    if (!has_field(json, "bbox") || json["bbox"] == Json::array()) return around(json, where);
    const auto numbers = values_.numbers(json["bbox"], "bbox", where);
    if (numbers.size() != 4) {
      throw UserError(kBadInput, where, ": field 'bbox' has ", numbers.size(),
                      " numbers, expected [x, y, width, height]");
    }
    return {numbers[0], numbers[1], numbers[0] + numbers[2], numbers[1] + numbers[3]};
  }

  /// The box around the polygons of a record without one.
  Corners around(const Json& json, const std::string& where) const {
    if (!has_field(json, "segmentation") || !json["segmentation"].is_array() ||
        json["segmentation"].empty()) {
      throw UserError(
          kBadInput, where,
          ": has neither a bbox nor polygons; expected \"bbox\": [x, y, width, height]");
    }
    constexpr double kFar = std::numeric_limits<double>::infinity();
    Corners box{kFar, kFar, -kFar, -kFar};
    for (const Json& polygon : json["segmentation"]) {
      const auto numbers = values_.numbers(polygon, "segmentation", where);
      if (numbers.size() < 6 || numbers.size() % 2 != 0) {
        throw UserError(kBadInput, where, ": a polygon has ", numbers.size(),
                        " numbers, expected x,y of 3 points or more");
      }
      for (size_t i = 0; i < numbers.size(); i += 2) {
        box = {std::min(box.x1, numbers[i]), std::min(box.y1, numbers[i + 1]),
               std::max(box.x2, numbers[i]), std::max(box.y2, numbers[i + 1])};
      }
    }
    return box;
  }

  void check_strays(size_t annotations) {
    if (2 * strays_ <= annotations) return;
    faults_.add("annotations", std::to_string(strays_) + " of " + std::to_string(annotations) +
                                   " are of images that are not listed under images");
  }

  Dataset finish() {
    notes_.move_to(dataset_.problems, file_.string());
    dataset_.samples = std::move(images_.samples());
    std::sort(dataset_.samples.begin(), dataset_.samples.end(),
              [](const Sample& a, const Sample& b) { return a.image < b.image; });
    const auto parent = [](const fs::path& path) {
      return path.has_parent_path() ? path.parent_path() : fs::path(".");
    };
    const fs::path folder = parent(file_);
    // .../annotations/instances.json beside .../images
    const fs::path top = folder.filename() == "annotations" ? parent(folder) : folder;
    ImagePlaces(top, {folder, folder / "images", top, top / "images"}).assign(dataset_, file_);
    return std::move(dataset_);
  }

  fs::path file_;
  ImportFaults faults_;
  ImportNotes notes_;
  CocoValues values_{notes_};
  CocoImages images_{values_, notes_};
  std::vector<Category> categories_;
  std::map<std::int64_t, int> index_;
  std::set<std::int64_t> ids_;
  size_t strays_ = 0;
  Dataset dataset_;
};

}  // namespace

Dataset read_coco(const fs::path& file) {
  return Reader(file).run();
}

}  // namespace preannotate
