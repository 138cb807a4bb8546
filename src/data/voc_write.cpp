#include <fstream>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "label_source.h"
#include "names.h"
#include "number_text.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"
#include "voc.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

void add_text(pugi::xml_node node, const char* name, const std::string& text) {
  node.append_child(name).text().set(text.c_str());
}

void add_attribute(pugi::xml_node attributes, const char* name, const std::string& value) {
  auto attribute = attributes.append_child("attribute");
  add_text(attribute, "name", name);
  add_text(attribute, "value", value);
}

void add_object(pugi::xml_node root, const Dataset& dataset, const Sample& sample,
                const Label& label) {
  auto object = root.append_child("object");
  add_text(object, "name", dataset.categories[static_cast<size_t>(label.category)]);
  add_text(object, "pose", "Unspecified");
  add_text(object, "truncated", "0");
  add_text(object, "difficult", label.crowd ? "1" : "0");
  const Box whole{0, 0, static_cast<float>(sample.width), static_cast<float>(sample.height)};
  const Box& corners = label.box ? *label.box : whole;
  auto box = object.append_child("bndbox");
  add_text(box, "xmin", number_text(corners.x1, kPixelDecimals));
  add_text(box, "ymin", number_text(corners.y1, kPixelDecimals));
  add_text(box, "xmax", number_text(corners.x2, kPixelDecimals));
  add_text(box, "ymax", number_text(corners.y2, kPixelDecimals));
  auto attributes = object.append_child("attributes");
  add_attribute(attributes, "source", label_source(dataset, sample));
  if (label.score) add_attribute(attributes, "score", number_text(*label.score, kScoreDecimals));
  if (is_drafted(dataset, sample))
    add_attribute(attributes, "model_version", dataset.model_version);
  if (!sample.bucket.empty()) add_attribute(attributes, "bucket", sample.bucket);
  if (!label.id.empty()) add_attribute(attributes, "draft_id", label.id);
  if (!label.box) add_attribute(attributes, "image_level", "true");
}

std::string xml_text(const Dataset& dataset, const Sample& sample) {
  pugi::xml_document document;
  auto root = document.append_child("annotation");
  root.append_child("folder");
  add_text(root, "filename", sample.image);
  add_text(root.append_child("source"), "database", "Unknown");
  auto size = root.append_child("size");
  add_text(size, "width", std::to_string(sample.width));
  add_text(size, "height", std::to_string(sample.height));
  add_text(size, "depth", "3");
  add_text(root, "segmented", "0");
  for (const Label& label : sample.labels) add_object(root, dataset, sample, label);
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default | pugi::format_no_declaration);
  return text.str();
}

/// The image without its extension; with it where that would name two images the same.
std::vector<std::string> ids_of(const Dataset& dataset, const fs::path& folder) {
  std::vector<std::string> ids;
  std::map<std::string, size_t> count;
  for (const Sample& sample : dataset.samples) {
    const auto key = checked_image_key(sample.image, folder.string());
    const auto id = fs::path(key).replace_extension().string();
    ++count[id];
    ids.push_back(id);
  }
  std::set<std::string> taken;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (count[ids[i]] > 1) ids[i] = dataset.samples[i].image;
    if (!taken.insert(ids[i]).second) {
      throw UserError(kBadInput, folder, ": two images would be '", ids[i],
                      ".xml'; rename one or leave out the voc format");
    }
  }
  return ids;
}

/// Lines of labelmap.txt and ImageSets/ have no quotes.
void check_names(const Dataset& dataset, const fs::path& folder) {
  for (const auto& name : dataset.categories) {
    if (name.find_first_of(":\n\r") == name.npos && !name.starts_with('#')) continue;
    throw UserError(kBadInput, folder, ": category '", name,
                    "' cannot stand in labelmap.txt (':' or '#'); rename it or leave out the voc "
                    "format");
  }
  for (const Sample& sample : dataset.samples) {
    if (sample.labels.empty() || (sample.width > 0 && sample.height > 0)) continue;
    throw UserError(kBadInput, folder, ": the size of ", sample.image,
                    " is not known; VOC needs width and height");
  }
}

std::string labelmap(const Dataset& dataset) {
  std::string text = "# label:color_rgb:parts:actions\n";
  if (category_index(dataset.categories, "background") < 0) text += "background:::\n";
  for (const auto& name : dataset.categories) text += name + ":::\n";
  return text;
}

}  // namespace

/// A class without a place becomes a box around the whole image that says so.
void write_voc(const Dataset& dataset, const fs::path& folder) {
  check_names(dataset, folder);
  const auto ids = ids_of(dataset, folder);
  std::string list;
  for (size_t i = 0; i < ids.size(); ++i) {
    const fs::path name = path_from_utf8(ids[i] + ".xml");
    const fs::path file = folder / "Annotations" / name;
    make_folder(file.parent_path());
    write_file(file, xml_text(dataset, dataset.samples[i]), Lasting::kWithFolder);
    list += printable(ids[i]) + "\n";
  }
  make_folder(folder / "ImageSets" / "Main");
  write_file(folder / "ImageSets" / "Main" / "default.txt", list, Lasting::kWithFolder);
  write_file(folder / "labelmap.txt", labelmap(dataset), Lasting::kWithFolder);
}

}  // namespace preannotate
