#include <nlohmann/json.hpp>

#include "datumaro.h"
#include "label_source.h"
#include "number_text.h"
#include "outline.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

double pixel(double value) {
  return rounded(value, kPixelDecimals);
}

Json attributes_json(const Dataset& dataset, const Sample& sample, const Label& label) {
  Json attributes = {{"source", label_source(dataset, sample)}};
  if (label.score) attributes["score"] = rounded(*label.score, kScoreDecimals);
  if (is_drafted(dataset, sample)) attributes["model_version"] = dataset.model_version;
  if (!sample.bucket.empty()) attributes["bucket"] = sample.bucket;
  if (!label.id.empty()) attributes["draft_id"] = label.id;
  if (label.crowd) attributes["is_crowd"] = true;
  return attributes;
}

Json annotation_json(const Dataset& dataset, const Sample& sample, const Label& label, size_t id) {
  const auto polygon = single_polygon(label.segmentation);
  Json json = {{"id", id},
               {"type", polygon     ? "polygon"
                        : label.box ? "bbox"
                                    : "label"},
               {"attributes", attributes_json(dataset, sample, label)},
               {"group", 0},
               {"label_id", label.category}};
  if (polygon) {
    json["points"] = Json::array();
    for (const double value : *polygon) json["points"].push_back(pixel(value));
  } else if (label.box) {
    const double x = pixel(label.box->x1), y = pixel(label.box->y1);
    json["bbox"] = {x, y, pixel(pixel(label.box->x2) - x), pixel(pixel(label.box->y2) - y)};
  }
  if (label.box) json["z_order"] = 0;
  return json;
}

/// The id is the image's path without its extension, as Datumaro makes it.
Json item_json(const Dataset& dataset, const Sample& sample, size_t index, size_t& id) {
  Json annotations = Json::array();
  for (const Label& label : sample.labels)
    annotations.push_back(annotation_json(dataset, sample, label, ++id));
  Json json = {{"id", fs::path(sample.image).replace_extension().string()},
               {"annotations", std::move(annotations)},
               {"attr", {{"frame", index}}},
               {"image", {{"path", sample.image}}}};
  if (!sample.bucket.empty()) json["attr"]["bucket"] = sample.bucket;
  if (sample.width > 0 && sample.height > 0) json["image"]["size"] = {sample.height, sample.width};
  return json;
}

Json categories_json(const Dataset& dataset) {
  Json labels = Json::array();
  for (const auto& name : dataset.categories)
    labels.push_back({{"name", name}, {"parent", ""}, {"attributes", Json::array()}});
  return {{"label", {{"labels", std::move(labels)}, {"attributes", Json::array()}}}};
}

}  // namespace

void write_datumaro(const Dataset& dataset, const fs::path& folder) {
  make_folder(folder / "annotations");
  AtomicFile file(folder / "annotations" / "default.json");
  file.write("{\"info\":{},\n\"categories\":" + json_text(categories_json(dataset)) +
             ",\n\"items\":[");
  size_t id = 0;
  for (size_t i = 0; i < dataset.samples.size(); ++i) {
    file.write(i ? ",\n" : "\n");
    file.write(json_text(item_json(dataset, dataset.samples[i], i, id)));
  }
  file.write(dataset.samples.empty() ? "]}\n" : "\n]}\n");
  file.commit();
}

}  // namespace preannotate
