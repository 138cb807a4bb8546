#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <string>

#include "cvat.h"
#include "label_source.h"
#include "number_text.h"
#include "outline.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

using Attributes = std::vector<std::pair<std::string, std::string>>;

Attributes attributes_of(const Dataset& dataset, const Sample& sample, const Label& label) {
  Attributes attributes;
  if (label.score) attributes.emplace_back("score", number_text(*label.score, kScoreDecimals));
  if (is_drafted(dataset, sample)) attributes.emplace_back("model_version", dataset.model_version);
  if (!sample.bucket.empty()) attributes.emplace_back("bucket", sample.bucket);
  if (!label.id.empty()) attributes.emplace_back("draft_id", label.id);
  if (label.crowd) attributes.emplace_back("crowd", "true");
  return attributes;
}

/// What labels of the dataset carry: only that is declared.
std::set<std::string> attribute_names(const Dataset& dataset) {
  std::set<std::string> names;
  for (const Sample& sample : dataset.samples) {
    for (const Label& label : sample.labels) {
      for (const auto& [name, value] : attributes_of(dataset, sample, label)) names.insert(name);
    }
  }
  return names;
}

void add_text(pugi::xml_node node, const char* name, const std::string& text) {
  node.append_child(name).text().set(text.c_str());
}

void add_label(pugi::xml_node labels, const std::string& category,
               const std::set<std::string>& attribute_names) {
  auto label = labels.append_child("label");
  add_text(label, "name", category);
  auto attributes = label.append_child("attributes");
  for (const auto& name : attribute_names) {
    auto attribute = attributes.append_child("attribute");
    add_text(attribute, "name", name);
    add_text(attribute, "mutable", "False");
    add_text(attribute, "input_type", "text");
    add_text(attribute, "default_value", "");
    add_text(attribute, "values", "");
  }
}

std::string pixels(double value) {
  return number_text(value, kPixelDecimals);
}

pugi::xml_node add_box(pugi::xml_node image, const Box& box) {
  auto node = image.append_child("box");
  node.append_attribute("xtl") = pixels(box.x1).c_str();
  node.append_attribute("ytl") = pixels(box.y1).c_str();
  node.append_attribute("xbr") = pixels(box.x2).c_str();
  node.append_attribute("ybr") = pixels(box.y2).c_str();
  return node;
}

pugi::xml_node add_polygon(pugi::xml_node image, const std::vector<double>& points) {
  std::string text;
  for (size_t i = 0; i + 1 < points.size(); i += 2)
    text += (i ? ";" : "") + pixels(points[i]) + "," + pixels(points[i + 1]);
  auto node = image.append_child("polygon");
  node.append_attribute("points") = text.c_str();
  return node;
}

void add_shape(pugi::xml_node image, const Dataset& dataset, const Sample& sample,
               const Label& label) {
  const auto polygon = single_polygon(label.segmentation);
  auto node = polygon     ? add_polygon(image, *polygon)
              : label.box ? add_box(image, *label.box)
                          : image.append_child("tag");
  const bool drawn = polygon || label.box;
  node.prepend_attribute("source") = label_source(dataset, sample);
  node.prepend_attribute("label") = dataset.categories[static_cast<size_t>(label.category)].c_str();
  if (drawn) {
    node.append_attribute("occluded") = 0;
    node.append_attribute("z_order") = 0;
  }
  for (const auto& [name, value] : attributes_of(dataset, sample, label)) {
    auto attribute = node.append_child("attribute");
    attribute.append_attribute("name") = name.c_str();
    attribute.text().set(value.c_str());
  }
}

/// Without its two outermost elements, so that a large file is never a document as a whole.
std::string element_text(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(text, " ", pugi::format_default | pugi::format_no_declaration);
  return text.str();
}

std::string meta_text(const Dataset& dataset, const std::set<std::string>& attribute_names) {
  pugi::xml_document document;
  auto task = document.append_child("meta").append_child("task");
  add_text(task, "size", std::to_string(dataset.samples.size()));
  auto labels = task.append_child("labels");
  for (const auto& category : dataset.categories) add_label(labels, category, attribute_names);
  return element_text(document);
}

std::string image_text(const Dataset& dataset, const Sample& sample, size_t index) {
  pugi::xml_document document;
  auto image = document.append_child("image");
  image.append_attribute("id") = static_cast<unsigned long long>(index);
  image.append_attribute("name") = sample.image.c_str();
  image.append_attribute("width") = sample.width;
  image.append_attribute("height") = sample.height;
  if (!sample.bucket.empty()) image.append_attribute("bucket") = sample.bucket.c_str();
  for (const Label& label : sample.labels) add_shape(image, dataset, sample, label);
  return element_text(document);
}

/// What CVAT's task creation takes under "Raw": the labels with the attributes that drafts carry.
std::string labels_json(const Dataset& dataset, const std::set<std::string>& attribute_names) {
  Json attributes = Json::array();
  for (const auto& name : attribute_names) {
    attributes.push_back({{"name", name},
                          {"mutable", false},
                          {"input_type", "text"},
                          {"default_value", ""},
                          {"values", Json::array()}});
  }
  Json labels = Json::array();
  for (const auto& category : dataset.categories)
    labels.push_back({{"name", category}, {"attributes", attributes}});
  return json_text(labels, 1) + "\n";
}

}  // namespace

void write_cvat(const Dataset& dataset, const fs::path& folder) {
  const auto names = attribute_names(dataset);
  AtomicFile file(folder / "annotations.xml");
  file.write("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n<version>1.1</version>\n");
  file.write(meta_text(dataset, names));
  for (size_t i = 0; i < dataset.samples.size(); ++i)
    file.write(image_text(dataset, dataset.samples[i], i));
  file.write("</annotations>\n");
  file.commit();
  write_file(folder / "labels.json", labels_json(dataset, names));
}

}  // namespace preannotate
