#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "label_studio.h"
#include "number_text.h"
#include "outline.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "preannotate/data/ledger.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr int kPercentDecimals = 6;
constexpr const char* kUnversioned = "none";  // of drafts whose model is not known

/// What the tasks hold, and so which controls the configuration has.
struct Controls {
  bool choices = false, several_choices = false, boxes = false, polygons = false;
};

Controls controls_of(const Dataset& dataset) {
  Controls controls;
  for (const Sample& sample : dataset.samples) {
    const auto without_box = std::count_if(sample.labels.begin(), sample.labels.end(),
                                           [](const Label& label) { return !label.box; });
    controls.choices |= without_box > 0;
    controls.several_choices |= without_box > 1 || dataset.several_classes;
    for (const Label& label : sample.labels) {
      if (label.box)
        (single_polygon(label.segmentation) ? controls.polygons : controls.boxes) = true;
    }
  }
  controls.choices |= !controls.boxes && !controls.polygons;
  return controls;
}

/// Labels that people made must not become drafts that somebody is asked to review.
bool has_drafts(const Dataset& dataset) {
  return !dataset.model_version.empty() ||
         std::any_of(dataset.samples.begin(), dataset.samples.end(), [](const Sample& sample) {
           return std::any_of(sample.labels.begin(), sample.labels.end(),
                              [](const Label& label) { return label.score.has_value(); });
         });
}

std::string url_encoded(const fs::path& path) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path.generic_string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 &&
        (std::isalnum(byte) || std::string_view("-_.~/").find(c) != std::string_view::npos)) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

class TaskWriter {
 public:
  TaskWriter(const Dataset& dataset, const Sample& sample, const fs::path& file, bool drafted)
      : dataset_(dataset), sample_(sample), file_(file), drafted_(drafted) {}

  Json task() const {
    Json results = Json::array();
    for (size_t i = 0; i < sample_.labels.size(); ++i) {
      if (sample_.labels[i].box) results.push_back(box_result(sample_.labels[i], i));
    }
    if (Json classes = choices_result(); !classes.is_null()) results.push_back(std::move(classes));
    Json task = {{"data",
                  {{"image", "/data/local-files/?d=" + url_encoded(path_from_utf8(sample_.image))},
                   {"pa_image", sample_.image},
                   {"pa_width", sample_.width},
                   {"pa_height", sample_.height},
                   {"pa_bucket", sample_.bucket}}}};
    if (drafted_) {
      // The review order of Label Studio: lowest score first.
      task["predictions"] =
          Json::array({{{"model_version", version()},
                        {"score", rounded(1 - sample_.uncertainty, kScoreDecimals)},
                        {"result", std::move(results)}}});
    } else {
      task["annotations"] =
          Json::array({{{"was_cancelled", false}, {"result", std::move(results)}}});
    }
    return task;
  }

 private:
  std::string version() const {
    return dataset_.model_version.empty() ? kUnversioned : dataset_.model_version;
  }
  const std::string& name(const Label& label) const {
    return dataset_.categories[static_cast<size_t>(label.category)];
  }
  std::string id(const Label& label, size_t index) const {
    return label.id.empty() ? draft_id(sample_.image, "", version(), std::to_string(index))
                            : label.id;
  }

  Json box_result(const Label& label, size_t index) const {
    if (sample_.width <= 0 || sample_.height <= 0) {
      throw UserError(kBadInput, file_, ": the size of ", sample_.image,
                      " is not known; boxes need width and height");
    }
    const auto polygon = single_polygon(label.segmentation);
    Json json = {{"id", id(label, index)},
                 {"type", polygon ? "polygonlabels" : "rectanglelabels"},
                 {"from_name", polygon ? "polygon" : "label"},
                 {"to_name", "image"},
                 {"original_width", sample_.width},
                 {"original_height", sample_.height},
                 {"image_rotation", 0}};
    if (label.score) json["score"] = rounded(*label.score, kScoreDecimals);
    if (label.crowd) json["meta"] = {{"pa_crowd", true}};
    json["value"] = polygon ? polygon_value(*polygon, label) : rectangle_value(*label.box, label);
    return json;
  }

  static double percent(double pixels, int size) {
    return rounded(std::clamp(100 * pixels / size, 0.0, 100.0), kPercentDecimals);
  }

  Json rectangle_value(const Box& box, const Label& label) const {
    const double x = percent(box.x1, sample_.width), y = percent(box.y1, sample_.height);
    const double width = rounded(percent(box.x2, sample_.width) - x, kPercentDecimals);
    const double height = rounded(percent(box.y2, sample_.height) - y, kPercentDecimals);
    return {{"x", x},           {"y", y},        {"width", width},
            {"height", height}, {"rotation", 0}, {"rectanglelabels", Json::array({name(label)})}};
  }

  Json polygon_value(const std::vector<double>& polygon, const Label& label) const {
    Json points = Json::array();
    for (size_t i = 0; i + 1 < polygon.size(); i += 2) {
      points.push_back(
          {percent(polygon[i], sample_.width), percent(polygon[i + 1], sample_.height)});
    }
    return {{"points", std::move(points)},
            {"closed", true},
            {"polygonlabels", Json::array({name(label)})}};
  }

  /// All image-level classes are one result, as the editor makes them: it has the first label's id
  /// and the lowest score; each label's own are in `meta`, which comes back in exports.
  Json choices_result() const {
    Json names = Json::array(), ids = Json::array(), scores = Json::array();
    double lowest = 1;
    for (size_t i = 0; i < sample_.labels.size(); ++i) {
      const Label& label = sample_.labels[i];
      if (label.box) continue;
      names.push_back(name(label));
      ids.push_back(id(label, i));
      if (!label.score) continue;
      scores.push_back(rounded(*label.score, kScoreDecimals));
      lowest = std::min(lowest, *label.score);
    }
    if (names.empty()) return nullptr;
    Json json = {{"id", ids[0]}, {"type", "choices"}, {"from_name", "class"}, {"to_name", "image"}};
    if (!scores.empty()) json["score"] = rounded(lowest, kScoreDecimals);
    if (names.size() > 1) json["meta"] = {{"pa_ids", ids}, {"pa_scores", scores}};
    json["value"] = {{"choices", std::move(names)}};
    return json;
  }

  const Dataset& dataset_;
  const Sample& sample_;
  const fs::path& file_;
  const bool drafted_;
};

/// `category` is the id in Label Studio's own COCO and YOLO exports; without it the order is by
/// name.
std::string labels_xml(const std::string& tag, const char* name,
                       const std::vector<std::string>& categories) {
  std::string xml = "  <" + tag + " name=\"" + name + "\" toName=\"image\">\n";
  for (size_t i = 0; i < categories.size(); ++i) {
    xml += "    <Label value=\"" + html_escape(categories[i]) + "\" category=\"" +
           std::to_string(i + 1) + "\"/>\n";
  }
  return xml + "  </" + tag + ">\n";
}

std::string config_xml(const Dataset& dataset, const Controls& controls) {
  std::string xml =
      "<!-- Labeling interface for tasks.json. Images are looked up below the document root of "
      "local\n"
      "     files (LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT): set it to the folder that was the "
      "source. -->\n"
      "<View>\n  <Image name=\"image\" value=\"$image\"/>\n";
  if (controls.choices) {
    xml += std::string("  <Choices name=\"class\" toName=\"image\" choice=\"") +
           (controls.several_choices ? "multiple" : "single") + "\">\n";
    for (const auto& name : dataset.categories)
      xml += "    <Choice value=\"" + html_escape(name) + "\"/>\n";
    xml += "  </Choices>\n";
  }
  if (controls.boxes) xml += labels_xml("RectangleLabels", "label", dataset.categories);
  if (controls.polygons) xml += labels_xml("PolygonLabels", "polygon", dataset.categories);
  return xml + "</View>\n";
}

}  // namespace

void write_label_studio(const Dataset& dataset, const fs::path& folder) {
  const auto path = folder / "tasks.json";
  AtomicFile file(path);
  const bool drafted = has_drafts(dataset);
  for (size_t i = 0; i < dataset.samples.size(); ++i) {
    file.write(i == 0 ? "[\n" : ",\n");
    const Sample& sample = dataset.samples[i];
    const bool answered = sample.bucket == "answered";  // by people, who need not review it again
    file.write(json_text(TaskWriter(dataset, sample, path, drafted && !answered).task()));
  }
  file.write(dataset.samples.empty() ? "[]\n" : "\n]\n");
  file.commit();
  write_file(folder / "config.xml", config_xml(dataset, controls_of(dataset)));
}

}  // namespace preannotate
