#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "category_table.h"
#include "datumaro.h"
#include "image_places.h"
#include "import_faults.h"
#include "json_values.h"
#include "label_checks.h"
#include "names.h"
#include "outline.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

const Json& list_in(const Json& object, const char* key, const std::string& where) {
  const Json& list = field(object, key, where);
  if (!list.is_array()) throw UserError(kBadInput, where, ": field '", key, "' is no list");
  return list;
}

class Reader {
 public:
  Reader(const fs::path& path, const ReadOptions& options)
      : path_(path), files_(datumaro_files(path)), faults_(path, options) {}

  Dataset run() {
    for (const fs::path& file : files_) add_file(file);
    faults_.finish(dataset_.problems);
    return finish();
  }

 private:
  void add_file(const fs::path& file) {
    const Json root = read_json(file);
    const auto name = file.filename().string();
    const Json& labels =
        list_in(field(field(root, "categories", name), "label", name), "labels", name);
    std::vector<std::string> names;
    for (size_t i = 0; i < labels.size(); ++i) {
      const auto where = name + ": labels[" + std::to_string(i) + "]";
      faults_.collect(where, [&] { names.push_back(string_field(labels[i], "name", where)); });
    }
    if (&file == &files_.front()) {
      categories_ = names;
      for (const auto& category : names)
        faults_.collect(name, [&] { table_.list(category, name); });
    } else if (names != categories_) {
      throw UserError(kBadInput, file, ": its labels differ from those of ", files_.front(),
                      "; the subsets of a dataset share one list");
    }
    const Json& items = list_in(root, "items", name);
    for (size_t i = 0; i < items.size(); ++i) {
      const auto where = name + ": items[" + std::to_string(i) + "]";
      faults_.collect(where, [&] { add_item(items[i], where); });
    }
  }

  void add_item(const Json& item, const std::string& where) {
    Sample sample;
    const bool has_path = has_field(item, "image") && has_field(item["image"], "path") &&
                          item["image"]["path"] != Json("");
    sample.image = checked_image_key(
        has_path ? string_field(item["image"], "path", where) : string_field(item, "id", where),
        where);
    if (has_path && has_field(item["image"], "size")) read_size(item["image"], where, sample);
    if (has_field(item, "attr") && has_field(item["attr"], "bucket"))
      sample.bucket = string_field(item["attr"], "bucket", where);
    once_.add(sample.image, where);
    const Json& annotations = list_in(item, "annotations", where);
    for (size_t i = 0; i < annotations.size(); ++i) {
      const auto place = where + ".annotations[" + std::to_string(i) + "]";
      faults_.collect(place, [&] { add_annotation(annotations[i], place, sample); });
    }
    dataset_.samples.push_back(std::move(sample));
  }

  /// [height, width]
  void read_size(const Json& image, const std::string& where, Sample& sample) const {
    const auto size = values_.numbers(image["size"], "size", where);
    if (size.size() != 2)
      throw UserError(kBadInput, where, ": field 'size' is no [height, width] in pixels");
    sample.height = checked_side(size[0], "the height in field 'size'", where, 1);
    sample.width = checked_side(size[1], "the width in field 'size'", where, 1);
  }

  void add_annotation(const Json& json, const std::string& where, Sample& sample) {
    const auto type = string_field(json, "type", where);
    if (type != "bbox" && type != "label" && type != "polygon") {
      notes_.add("unsupported_shape", where, "an annotation of type '" + type + "' is left out");
      return;
    }
    Label label;
    label.category = category_of(json, where);
    if (has_field(json, "attributes")) read_attributes(json["attributes"], where, label);
    if (type == "label") {
      sample.labels.push_back(label);
      return;
    }
    const auto numbers =
        values_.numbers(field(json, type == "bbox" ? "bbox" : "points", where), type, where);
    const auto corners =
        type == "bbox" ? box_corners(numbers, where) : polygon_corners(numbers, where, label);
    if (!place_box(corners, where, sample, label, dataset_.problems)) return;
    sample.labels.push_back(label);
  }

  int category_of(const Json& json, const std::string& where) const {
    const auto id = int_field(json, "label_id", where);
    if (id < 0 || static_cast<size_t>(id) >= categories_.size()) {
      throw UserError(kBadInput, where, ": field 'label_id' is ", id, ", expected 0 to ",
                      static_cast<std::int64_t>(categories_.size()) - 1);
    }
    return static_cast<int>(id);
  }

  /// What our own drafts say of themselves.
  void read_attributes(const Json& json, const std::string& where, Label& label) {
    if (!json.is_object()) return;
    if (has_field(json, "draft_id")) label.id = string_field(json, "draft_id", where);
    if (has_field(json, "model_version"))
      dataset_.model_version = string_field(json, "model_version", where);
    label.crowd = json.value("is_crowd", Json(false)) == Json(true);
    if (!has_field(json, "score")) return;
    label.score = checked_score(values_.number(json, "score", where), "field 'score'", where);
  }

  static Corners box_corners(const std::vector<double>& numbers, const std::string& where) {
    if (numbers.size() != 4) {
      throw UserError(kBadInput, where, ": field 'bbox' has ", numbers.size(),
                      " numbers, expected [x, y, width, height]");
    }
    return {numbers[0], numbers[1], numbers[0] + numbers[2], numbers[1] + numbers[3]};
  }

  static Corners polygon_corners(const std::vector<double>& points, const std::string& where,
                                 Label& label) {
    if (points.size() < 6 || points.size() % 2 != 0) {
      throw UserError(kBadInput, where, ": a polygon has ", points.size(),
                      " numbers, expected x,y of 3 points or more");
    }
    label.segmentation = polygon_segmentation(points);
    return corners_around(points);
  }

  Dataset finish() {
    notes_.move_to(dataset_.problems, path_.string());
    table_.finish(dataset_);
    sort_samples(dataset_);
    const fs::path folder = files_.front().parent_path();
    const fs::path top = folder.filename() == "annotations" ? folder / ".." : folder;
    std::vector<fs::path> folders;
    for (const fs::path& file : files_) folders.push_back(top / "images" / file.stem());
    folders.insert(folders.end(), {top / "images", top});
    for (fs::path& place : folders) place = place.lexically_normal();
    ImagePlaces(top.lexically_normal(), std::move(folders)).assign(dataset_, path_);
    return std::move(dataset_);
  }

  fs::path path_;
  std::vector<fs::path> files_;
  ImportFaults faults_;
  ImportNotes notes_;
  JsonValues values_{notes_};
  std::vector<std::string> categories_;
  CategoryTable table_;
  ImagesOnce once_;
  Dataset dataset_;
};

}  // namespace

Dataset read_datumaro(const fs::path& path, const ReadOptions& options) {
  return Reader(path, options).run();
}

}  // namespace preannotate
