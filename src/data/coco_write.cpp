#include <nlohmann/json.hpp>
#include <optional>

#include "coco.h"
#include "label_source.h"
#include "number_text.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

/// A list in a file that is never wholly in memory, an item a line.
class ListWriter {
 public:
  ListWriter(AtomicFile& file, std::string_view key) : file_(file) {
    file_.write(",\n\"");
    file_.write(key);
    file_.write("\":[");
  }
  void add(const Json& item) {
    file_.write(empty_ ? "\n" : ",\n");
    file_.write(json_text(item));
    empty_ = false;
  }
  void end() { file_.write(empty_ ? "]" : "\n]"); }

 private:
  AtomicFile& file_;
  bool empty_ = true;
};

Json image_json(const Sample& sample, size_t id) {
  return {
      {"id", id}, {"file_name", sample.image}, {"width", sample.width}, {"height", sample.height}};
}

Json attributes_json(const Dataset& dataset, const Sample& sample, const Label& label) {
  Json attributes = {{"source", label_source(dataset, sample)}};
  if (is_drafted(dataset, sample)) attributes["model_version"] = dataset.model_version;
  if (!sample.bucket.empty()) attributes["bucket"] = sample.bucket;
  if (!label.id.empty()) attributes["draft_id"] = label.id;
  if (!label.box) attributes["image_level"] = true;
  return attributes;
}

Json segmentation_json(const Label& label) {
  return label.segmentation.empty() ? Json::array()
                                    : parse_json(label.segmentation, "segmentation");
}

Json annotation_json(const Dataset& dataset, const Sample& sample, const Label& label, size_t id,
                     size_t image_id) {
  const auto pixel = [](double value) { return rounded(value, kPixelDecimals); };
  const Box whole{0, 0, static_cast<float>(sample.width), static_cast<float>(sample.height)};
  const Box& box = label.box ? *label.box : whole;
  const double x = pixel(box.x1), y = pixel(box.y1);
  const double width = pixel(pixel(box.x2) - x), height = pixel(pixel(box.y2) - y);
  Json json = {{"id", id},
               {"image_id", image_id},
               {"category_id", label.category + 1},
               {"bbox", {x, y, width, height}},
               {"area", pixel(label.area > 0 ? label.area : width * height)},
               {"iscrowd", label.crowd ? 1 : 0},
               {"segmentation", segmentation_json(label)}};
  if (label.score) json["score"] = rounded(*label.score, kScoreDecimals);
  json["attributes"] = attributes_json(dataset, sample, label);
  return json;
}

/// What pycocotools' loadRes takes: a list that is not empty, of boxes with scores.
class ResultsWriter {
 public:
  explicit ResultsWriter(fs::path path) : path_(std::move(path)) {}

  void add(const Json& annotation) {
    if (!annotation.contains("score") || annotation["attributes"].contains("image_level")) return;
    Json result = Json::object();
    for (const char* key : {"image_id", "category_id", "bbox", "score"})
      result[key] = annotation[key];
    if (annotation["segmentation"].is_object()) result["segmentation"] = annotation["segmentation"];
    if (!file_) file_.emplace(path_);
    file_->write((empty_ ? "[\n" : ",\n") + json_text(result));
    empty_ = false;
  }

  void end() {
    if (!file_) return;
    file_->write("\n]\n");
    file_->commit();
  }

 private:
  fs::path path_;
  std::optional<AtomicFile> file_;
  bool empty_ = true;
};

}  // namespace

/// A class without a place becomes a box around the whole image: CVAT and pycocotools take nothing
/// else. No dates: the same drafts give the same bytes.
void write_coco(const Dataset& dataset, const fs::path& folder) {
  const auto path = folder / "annotations.json";
  for (const Sample& sample : dataset.samples) {
    if (!sample.labels.empty() && (sample.width <= 0 || sample.height <= 0)) {
      throw UserError(kBadInput, path, ": the size of ", sample.image,
                      " is not known; COCO needs width and height");
    }
  }
  AtomicFile file(path);
  const Json info = {{"description", "Draft labels by preannotate"},
                     {"version", PREANNOTATE_VERSION}};
  file.write("{\"info\":" + json_text(info) + ",\n\"licenses\":[]");
  ListWriter images(file, "images");
  for (size_t i = 0; i < dataset.samples.size(); ++i)
    images.add(image_json(dataset.samples[i], i + 1));
  images.end();
  ListWriter categories(file, "categories");
  for (size_t i = 0; i < dataset.categories.size(); ++i) {
    categories.add({{"id", i + 1}, {"name", dataset.categories[i]}, {"supercategory", ""}});
  }
  categories.end();
  ListWriter annotations(file, "annotations");
  ResultsWriter results(folder / "results.json");
  size_t id = 0;
  for (size_t i = 0; i < dataset.samples.size(); ++i) {
    for (const Label& label : dataset.samples[i].labels) {
      const Json annotation = annotation_json(dataset, dataset.samples[i], label, ++id, i + 1);
      annotations.add(annotation);
      results.add(annotation);
    }
  }
  annotations.end();
  file.write("}\n");
  file.commit();
  results.end();
}

}  // namespace preannotate
