#include <algorithm>
#include <string>

#include "category_table.h"
#include "cvat.h"
#include "image_places.h"
#include "import_faults.h"
#include "label_checks.h"
#include "names.h"
#include "outline.h"
#include "preannotate/core/error.h"
#include "xml_file.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kListing = "the labels of <meta>";

class Reader {
 public:
  Reader(fs::path file, const ReadOptions& options)
      : file_(std::move(file)), xml_(file_, ""), faults_(file_, options) {}

  Dataset run() {
    const auto root = xml_.root();
    if (std::string_view(root.name()) != "annotations") {
      throw UserError(kBadInput, file_, ": the outermost element is '", root.name(),
                      "', expected 'annotations'");
    }
    for (const auto label : root.child("meta").select_nodes("*/labels/label")) {
      const auto place = xml_.where(label.node());
      faults_.collect(place, [&] { categories_.list(XmlFile::text(label.node(), "name"), place); });
    }
    for (const auto image : root.children("image")) {
      const auto place = xml_.where(image);
      faults_.collect(place, [&] { add_image(image, place); });
    }
    if (root.child("track")) {
      notes_.add("track_left_out", xml_.where(root.child("track")),
                 "tracks are of videos; export the task as \"CVAT for images\"");
    }
    faults_.finish(dataset_.problems);
    return finish();
  }

 private:
  void add_image(pugi::xml_node node, const std::string& place) {
    Sample sample;
    sample.image = checked_image_key(node.attribute("name").value(), place);
    sample.width = size_of(node, "width", place);
    sample.height = size_of(node, "height", place);
    sample.bucket = node.attribute("bucket").value();
    once_.add(sample.image, place);
    for (const auto shape : node.children()) {
      const auto where = xml_.where(shape);
      faults_.collect(where, [&] { add_shape(shape, where, sample); });
    }
    dataset_.samples.push_back(std::move(sample));
  }

  void add_shape(pugi::xml_node node, const std::string& where, Sample& sample) {
    const std::string_view kind = node.name();
    if (kind != "box" && kind != "polygon" && kind != "tag") {
      notes_.add("unsupported_shape", where,
                 "a shape of kind '" + std::string(kind) + "' is left out");
      return;
    }
    Label label;
    label.category = categories_.number(node.attribute("label").value(), where, kListing);
    read_attributes(node, where, label);
    if (kind == "tag") {
      sample.labels.push_back(label);
      return;
    }
    const auto corners =
        kind == "box" ? box_corners(node, where) : polygon_corners(node, where, label);
    if (!place_box(corners, where, sample, label, dataset_.problems)) return;
    sample.labels.push_back(label);
  }

  /// What our own drafts say of themselves.
  void read_attributes(pugi::xml_node node, const std::string& where, Label& label) {
    for (const auto attribute : node.children("attribute")) {
      const std::string_view name = attribute.attribute("name").value();
      const std::string text = attribute.text().get();
      if (name == "draft_id") label.id = text;
      if (name == "crowd") label.crowd = text == "true";
      if (name == "model_version" && !text.empty()) dataset_.model_version = text;
      if (name != "score" || text.empty()) continue;
      label.score = checked_score(checked_number(text, "the score", where), "the score", where);
    }
  }

  static Corners box_corners(pugi::xml_node node, const std::string& where) {
    const auto corner = [&](const char* name) {
      return checked_number(node.attribute(name).value(), "'" + std::string(name) + "'", where);
    };
    return {corner("xtl"), corner("ytl"), corner("xbr"), corner("ybr")};
  }

  static Corners polygon_corners(pugi::xml_node node, const std::string& where, Label& label) {
    const std::string text = node.attribute("points").value();
    std::vector<double> points;
    for (size_t start = 0; start < text.size();) {
      const size_t end = std::min(text.find(';', start), text.size());
      const auto pair = text.substr(start, end - start);
      const size_t comma = pair.find(',');
      points.push_back(checked_number(pair.substr(0, comma), "a point", where));
      const auto second = comma == pair.npos ? "" : pair.substr(comma + 1);
      points.push_back(checked_number(second, "a point", where));
      start = end + 1;
    }
    if (points.size() < 6) {
      throw UserError(kBadInput, where, ": a polygon has ", points.size() / 2,
                      " points, expected 3 or more");
    }
    label.segmentation = polygon_segmentation(points);
    return corners_around(points);
  }

  static int size_of(pugi::xml_node node, const char* name, const std::string& where) {
    const std::string text = node.attribute(name).value();
    if (text.empty()) return 0;
    const auto what = "'" + std::string(name) + "'";
    return checked_side(checked_number(text, what, where), what, where);
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
  XmlFile xml_;
  ImportFaults faults_;
  ImportNotes notes_;
  CategoryTable categories_;
  ImagesOnce once_;
  Dataset dataset_;
};

}  // namespace

Dataset read_cvat(const fs::path& file, const ReadOptions& options) {
  return Reader(file, options).run();
}

}  // namespace preannotate
