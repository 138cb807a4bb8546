#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <system_error>

#include "image_places.h"
#include "import_faults.h"
#include "label_checks.h"
#include "names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"
#include "voc.h"
#include "xml_file.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBackground = "background";  // the first line of a labelmap.txt, no class

class Reader {
 public:
  Reader(fs::path path, const ReadOptions& options)
      : path_(std::move(path)), faults_(path_, options) {}

  Dataset run() {
    const auto files = voc_files(path_);
    if (files.empty()) throw UserError(kBadInput, path_, " holds no .xml file of annotations");
    read_labelmap();
    for (const fs::path& file : files) faults_.collect(utf8_path(file), [&] { add_file(file); });
    faults_.finish(dataset_.problems);
    return finish();
  }

 private:
  /// A label whose category is still a name.
  struct Object {
    size_t sample;
    std::string category;
    Label label;
  };

  /// label:color:parts:actions a line; only the names count.
  void read_labelmap() {
    const fs::path file = path_ / "labelmap.txt";
    std::error_code error;
    if (!fs::exists(file, error)) return;
    std::istringstream lines(read_file(file));
    std::string line;
    for (size_t number = 1; std::getline(lines, line); ++number) {
      if (line.ends_with('\r')) line.pop_back();
      if (line.empty() || line.starts_with('#')) continue;
      const auto place = "labelmap.txt:" + std::to_string(number);
      const auto name = line.substr(0, line.find(':'));
      faults_.collect(place, [&] {
        check_category_name(name, place);
        if (std::find(listed_.begin(), listed_.end(), name) != listed_.end())
          throw UserError(kBadInput, place, ": '", name, "' is there twice; keep one");
        listed_.push_back(name);
      });
    }
    has_labelmap_ = true;
  }

  void add_file(const fs::path& file) {
    const XmlFile xml(voc_annotations(path_) / file, utf8_path(file));
    const auto root = xml.root();
    if (std::string_view(root.name()) != "annotation") {
      throw UserError(kBadInput, xml.where(root), ": the outermost element is '", root.name(),
                      "', expected 'annotation'");
    }
    Sample sample;
    sample.image = key_of(xml, file);
    const auto size = root.child("size");
    sample.width = size_of(xml, size, "width");
    sample.height = size_of(xml, size, "height");
    const auto [first, added] = file_of_.try_emplace(sample.image, file);
    if (!added) {
      throw UserError(kBadInput, xml.where(root.child("filename")), ": image '", sample.image,
                      "' is already that of ", first->second, "; keep one of the files");
    }
    samples_.push_back(sample);
    for (const auto object : root.children("object")) {
      const auto place = xml.where(object);
      faults_.collect(utf8_path(file), [&] { add_object(xml, object, place); });
    }
  }

  /// A bare name in a sub-folder of Annotations/ is that of an image in the same sub-folder.
  static std::string key_of(const XmlFile& xml, const fs::path& file) {
    const auto name = XmlFile::text(xml.root(), "filename");
    const auto place =
        xml.where(xml.root().child("filename") ? xml.root().child("filename") : xml.root());
    if (name.empty()) {
      throw UserError(kBadInput, place, ": 'filename' is missing or empty; expected the image's");
    }
    if (!is_valid_utf8(name)) throw UserError(kBadInput, place, ": 'filename' is not UTF-8");
    const auto key = checked_image_key(name, place);
    if (key.find('/') != key.npos || !file.has_parent_path()) return key;
    return utf8_path(file.parent_path() / path_from_utf8(key));
  }

  static int size_of(const XmlFile& xml, pugi::xml_node size, const char* name) {
    if (XmlFile::text(size, name).empty()) return 0;
    return checked_side(xml.number(size, name), "'" + std::string(name) + "'",
                        xml.where(size.child(name)));
  }

  void add_object(const XmlFile& xml, pugi::xml_node node, const std::string& place) {
    Object object{samples_.size() - 1, XmlFile::text(node, "name"), {}};
    check_category_name(object.category, place);
    check_listed(object.category, place);
    const auto difficult = XmlFile::text(node, "difficult");
    if (!difficult.empty() && difficult != "0" && difficult != "1") {
      throw UserError(kBadInput, xml.where(node.child("difficult")), ": 'difficult' is '",
                      difficult, "', expected 0 or 1");
    }
    object.label.crowd = difficult == "1";
    const bool image_level = read_attributes(xml, node.child("attributes"), object.label);
    if (!image_level && !add_box(xml, node, place, object.label)) return;
    objects_.push_back(std::move(object));
  }

  void check_listed(const std::string& name, const std::string& place) const {
    if (!has_labelmap_ || std::find(listed_.begin(), listed_.end(), name) != listed_.end()) return;
    const auto nearest = nearest_name(name, listed_);
    throw UserError(kBadInput, place, ": category '", name, "' is not in labelmap.txt",
                    nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  }

  /// What our own drafts say of themselves. True for a class of the whole image.
  bool read_attributes(const XmlFile& xml, pugi::xml_node attributes, Label& label) {
    bool image_level = false;
    for (const auto attribute : attributes.children("attribute")) {
      const auto name = XmlFile::text(attribute, "name");
      if (name == "bucket") samples_.back().bucket = XmlFile::text(attribute, "value");
      if (name == "model_version") dataset_.model_version = XmlFile::text(attribute, "value");
      if (name == "draft_id") label.id = XmlFile::text(attribute, "value");
      if (name == "image_level") image_level = XmlFile::text(attribute, "value") == "true";
      if (name != "score") continue;
      label.score =
          checked_score(xml.number(attribute, "value"), "the score", xml.where(attribute));
    }
    return image_level;
  }

  /// False when the box is to be left out.
  bool add_box(const XmlFile& xml, pugi::xml_node object, const std::string& place, Label& label) {
    const auto box = object.child("bndbox");
    if (!box) throw UserError(kBadInput, place, ": the object has no 'bndbox'");
    const Corners corners{xml.number(box, "xmin"), xml.number(box, "ymin"), xml.number(box, "xmax"),
                          xml.number(box, "ymax")};
    return place_box(corners, xml.where(box), samples_.back(), label, dataset_.problems);
  }

  /// Those of labelmap.txt in its order, else those there are, sorted.
  void number_categories() {
    std::set<std::string> used;
    for (const Object& object : objects_) used.insert(object.category);
    if (!has_labelmap_) listed_.assign(used.begin(), used.end());
    if (!used.contains(kBackground)) std::erase(listed_, kBackground);
    std::map<std::string, int> index;
    for (const auto& name : listed_) {
      index[name] = static_cast<int>(index.size());
    }
    for (Object& object : objects_) {
      object.label.category = index.at(object.category);
      samples_[object.sample].labels.push_back(std::move(object.label));
    }
    dataset_.categories = std::move(listed_);
  }

  Dataset finish() {
    number_categories();
    dataset_.samples = std::move(samples_);
    sort_samples(dataset_);
    const fs::path folder =
        path_.has_filename() ? path_ : path_.parent_path();  // no "/" at its end
    std::vector<fs::path> folders = {folder / "JPEGImages", folder / "images", folder};
    // A folder of nothing but XML files has its images in a sibling.
    if (voc_annotations(path_) == path_) {
      folders.push_back(folder / ".." / "JPEGImages");
      folders.push_back(folder / ".." / "images");
    }
    ImagePlaces(folder, std::move(folders)).assign(dataset_, path_);
    return std::move(dataset_);
  }

  fs::path path_;
  ImportFaults faults_;
  bool has_labelmap_ = false;
  std::vector<std::string> listed_;  // in labelmap.txt
  std::vector<Sample> samples_;
  std::map<std::string, fs::path> file_of_;  // the first XML file of an image
  std::vector<Object> objects_;
  Dataset dataset_;
};

}  // namespace

Dataset read_voc(const fs::path& path, const ReadOptions& options) {
  return Reader(path, options).run();
}

}  // namespace preannotate
