#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_set>

#include "coco.h"
#include "coco_images.h"
#include "file_kind.h"
#include "image_places.h"
#include "import_faults.h"
#include "json_values.h"
#include "label_checks.h"
#include "names.h"
#include "outline.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "rle.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

const std::set<std::string> kLists = {"categories", "images", "annotations"};
constexpr std::string_view kBlank = " \t\r\n";
constexpr size_t kLookedAt = 4096;  // bytes

bool is_list(const fs::path& file) {
  const auto text = first_bytes(file, kLookedAt);
  const auto start = text.find_first_not_of(kBlank);
  return start != text.npos && text[start] == '[';
}

void check_lists(const Json& rest, const std::string& where) {
  for (const char* key : {"categories", "images", "annotations"}) {
    if (!field(rest, key, where).is_array())
      throw UserError(kBadInput, where, ": '", key, "' is no list");
  }
}

class Reader {
 public:
  Reader(fs::path file, const ReadOptions& options)
      : file_(std::move(file)), faults_(file_, options) {}

  /// In one go, which is right when the annotations stand behind the images and categories: else
  /// nullopt. (The files of COCO itself have their categories last.)
  std::optional<Dataset> run() {
    check_lists(stream(file_, kLists, "", kLists), file_.string());
    if (out_of_order_) return std::nullopt;
    return finish();
  }

  Dataset run_twice() {
    stream(file_, kLists, "", {"categories", "images"});
    stream(file_, kLists, "", {"annotations"});
    return finish();
  }

  /// The results list is `file`.
  Dataset run_results(const fs::path& truth) {
    check_lists(stream(truth, kLists, truth.filename().string() + ": ", {"categories", "images"}),
                truth.string());
    results_ = true;
    stream(file_, {""}, "", {""});
    return finish();
  }

 private:
  /// The rest of the file. What is not wanted of its lists is passed over.
  Json stream(const fs::path& file, const std::set<std::string>& lists, const std::string& before,
              const std::set<std::string>& wanted) {
    return stream_json(file, lists, [&](const std::string& list, size_t i, size_t, Json item) {
      if (!wanted.contains(list)) return;
      const auto where = before + list + "[" + std::to_string(i) + "]";
      faults_.collect(where, [&] { add(list, item, i, where); });
    });
  }

  void add(const std::string& list, const Json& item, size_t i, const std::string& where) {
    if (list == "categories" || list == "images") {
      out_of_order_ = out_of_order_ || annotations_ > 0;
      (list == "images" ? images_seen_ : categories_seen_) = true;
      if (list == "images") return images_.add(item, i, where);
      return add_category(item, where);
    }
    if (annotations_++ == 0) number_categories();
    const bool both = images_seen_ && categories_seen_;
    out_of_order_ = out_of_order_ || !both;
    if (both) add_annotation(item, where);
  }

  struct Category {
    std::int64_t id;
    std::string name;
  };

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
    if (has_field(json, "score") || results_) label.score = score_of(json, where);
    if (has_field(json, "id")) note_id(json, where);
    const bool image_level = read_attributes(json, images_.samples()[*sample], label);
    if (image_level) {
      images_.samples()[*sample].labels.push_back(label);
      return;
    }
    label.crowd = crowd_of(json, where);
    label.area = area_of(json, where);
    label.segmentation = segmentation_of(json, where);
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
    return checked_score(values_.number(json, "score", where), "field 'score'", where);
  }

  void note_id(const Json& json, const std::string& where) {
    if (!ids_.insert(values_.id(json, "id", where)).second)
      notes_.add("duplicate_id", where, "the annotation id is there twice; numbered anew");
  }

  /// What our own drafts say of themselves. True for a class of the whole image.
  bool read_attributes(const Json& json, Sample& sample, Label& label) {
    if (!has_field(json, "attributes") || !json["attributes"].is_object()) return false;
    const Json& attributes = json["attributes"];
    const auto id = attributes.find("draft_id");
    if (id != attributes.end() && id->is_string()) label.id = id->get<std::string>();
    const auto bucket = attributes.find("bucket");
    if (bucket != attributes.end() && bucket->is_string())
      sample.bucket = bucket->get<std::string>();
    const auto version = attributes.find("model_version");
    if (version != attributes.end() && version->is_string())
      dataset_.model_version = version->get<std::string>();
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

  /// The box around the polygons or the mask of a record without one.
  Corners around(const Json& json, const std::string& where) const {
    if (!has_field(json, "segmentation") || json["segmentation"].empty()) {
      throw UserError(
          kBadInput, where,
          ": has neither a bbox nor polygons; expected \"bbox\": [x, y, width, height]");
    }
    const Json& segmentation = json["segmentation"];
    if (segmentation.is_object()) return corners_around(run_lengths(segmentation, where));
    std::vector<double> points;
    for (const Json& polygon : segmentation) {
      const auto numbers = values_.numbers(polygon, "segmentation", where);
      points.insert(points.end(), numbers.begin(), numbers.end());
    }
    return corners_around(points);
  }

  /// As it stands in the file, once it is known to be right.
  std::string segmentation_of(const Json& json, const std::string& where) const {
    if (!has_field(json, "segmentation") || json["segmentation"].empty()) return {};
    const Json& segmentation = json["segmentation"];
    if (segmentation.is_object()) {
      run_lengths(segmentation, where);
      return json_text(segmentation);
    }
    if (!segmentation.is_array())
      throw UserError(kBadInput, where, ": field 'segmentation' is neither polygons nor an RLE");
    for (const Json& polygon : segmentation) {
      const auto numbers = values_.numbers(polygon, "segmentation", where);
      if (numbers.size() < 6 || numbers.size() % 2 != 0) {
        throw UserError(kBadInput, where, ": a polygon has ", numbers.size(),
                        " numbers, expected x,y of 3 points or more");
      }
    }
    return json_text(segmentation);
  }

  void check_strays() {
    if (2 * strays_ <= annotations_) return;
    faults_.add("annotations", std::to_string(strays_) + " of " + std::to_string(annotations_) +
                                   " are of images that are not listed under images");
  }

  Dataset finish() {
    if (annotations_ == 0) number_categories();
    check_strays();
    faults_.finish(dataset_.problems);
    notes_.move_to(dataset_.problems, file_.string());
    dataset_.samples = std::move(images_.samples());
    sort_samples(dataset_);
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
  JsonValues values_{notes_};
  CocoImages images_{values_, notes_};
  std::vector<Category> categories_;
  std::map<std::int64_t, int> index_;
  std::unordered_set<std::int64_t> ids_;
  size_t annotations_ = 0, strays_ = 0;
  bool images_seen_ = false, categories_seen_ = false;
  bool out_of_order_ = false, results_ = false;
  Dataset dataset_;
};

/// The file that says which images and categories a list of results is of.
fs::path truth_beside(const fs::path& results) {
  const fs::path folder = results.has_parent_path() ? results.parent_path() : fs::path(".");
  auto files = coco_files(folder);
  std::erase_if(files, is_list);
  if (files.size() == 1) return files[0];
  throw UserError(kBadInput, results,
                  ": is a list of results, which names no images; expected the file that does, ",
                  "annotations.json, beside it");
}

}  // namespace

Dataset read_coco(const fs::path& file, const ReadOptions& options) {
  if (is_list(file)) return Reader(file, options).run_results(truth_beside(file));
  auto dataset = Reader(file, options).run();
  return dataset ? std::move(*dataset) : Reader(file, options).run_twice();
}

}  // namespace preannotate
