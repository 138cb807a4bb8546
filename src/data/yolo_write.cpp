#include <yaml-cpp/yaml.h>

#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "copy_image.h"
#include "names.h"
#include "number_text.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "yolo.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr int kFractionDecimals = 8;
const fs::path kImages = fs::path("images") / "train", kLabels = fs::path("labels") / "train";

/// No `nc` and no keys of our own: Datumaro takes those for names of subsets. No `path` either:
/// Ultralytics takes "./" for the folder that it was started in, and the file's own without it.
/// `val` has to be there for Ultralytics; the list is empty, as nobody has split the images yet.
std::string yaml_text(const Dataset& dataset) {
  YAML::Emitter yaml;
  yaml << YAML::BeginMap << YAML::Key << "train" << YAML::Value << "train.txt" << YAML::Key << "val"
       << YAML::Value << "val.txt" << YAML::Key << "names" << YAML::Value << YAML::BeginMap;
  for (size_t i = 0; i < dataset.categories.size(); ++i)
    yaml << YAML::Key << i << YAML::Value << dataset.categories[i];
  yaml << YAML::EndMap << YAML::EndMap;
  return std::string(yaml.c_str()) + "\n";
}

std::string lines_of(const Sample& sample, const fs::path& file) {
  std::string text;
  for (const Label& label : sample.labels) {
    if (!label.box) continue;
    if (sample.width <= 0 || sample.height <= 0) {
      throw UserError(kBadInput, file, ": the size of ", sample.image,
                      " is not known; YOLO needs width and height");
    }
    const auto fraction = [](double pixels, int size) {
      return " " + number_text(pixels / size, kFractionDecimals);
    };
    const Box& box = *label.box;
    text += std::to_string(label.category) + fraction((double{box.x1} + box.x2) / 2, sample.width) +
            fraction((double{box.y1} + box.y2) / 2, sample.height) +
            fraction(double{box.x2} - box.x1, sample.width) +
            fraction(double{box.y2} - box.y1, sample.height) + "\n";
  }
  return text;
}

Json confidences_of(const Sample& sample) {
  Json scores = Json::array(), ids = Json::array();
  for (const Label& label : sample.labels) {
    if (!label.box) continue;
    scores.push_back(label.score ? Json(rounded(*label.score, kScoreDecimals)) : Json());
    ids.push_back(label.id);
  }
  Json json = Json::object();
  if (sample.width > 0 && sample.height > 0)
    json = {{"width", sample.width}, {"height", sample.height}};
  if (!sample.bucket.empty()) json["bucket"] = sample.bucket;
  json["scores"] = std::move(scores);
  json["ids"] = std::move(ids);
  return json;
}

class Writer {
 public:
  Writer(const Dataset& dataset, const fs::path& folder)
      : dataset_(dataset),
        folder_(folder),
        list_(folder / "train.txt"),
        confidences_(folder / kYoloConfidences) {}

  void run() {
    confidences_.write("{\"model_version\":" + json_text(dataset_.model_version) +
                       ",\n\"images\":{");
    for (const Sample& sample : dataset_.samples) add(sample);
    confidences_.write(dataset_.samples.empty() ? "}}\n" : "\n}}\n");
    confidences_.commit();
    list_.commit();
    write_file(folder_ / "val.txt", "");
    write_file(folder_ / "data.yaml", yaml_text(dataset_));
    if (missing_ > 0) {
      log_warning(folder_.string() + ": " + human_count(missing_) + " of " +
                  human_count(dataset_.samples.size()) +
                  " images are not there to be copied; the tree holds their labels alone");
    }
  }

 private:
  void add(const Sample& sample) {
    const auto key = checked_image_key(sample.image, folder_.string());
    if (key.find_first_of("\r\n") != key.npos) {
      throw UserError(kBadInput, folder_, ": image '", key,
                      "' has a line end in its name and cannot be listed; rename it");
    }
    const fs::path image = path_from_utf8(key);
    fs::path labels = kLabels / image;
    labels.replace_extension(".txt");
    const auto [first, added] = image_of_.try_emplace(labels, key);
    if (!added) {
      throw UserError(kBadInput, folder_, ": images '", first->second, "' and '", key,
                      "' would share ", labels, "; rename one");
    }
    make_folder((folder_ / labels).parent_path());
    write_file(folder_ / labels, lines_of(sample, folder_), Lasting::kWithFolder);
    copy(sample, image);
    list_.write("./" + (kImages / image).generic_string() + "\n");
    confidences_.write((image_of_.size() > 1 ? ",\n" : "\n") + json_text(key) + ":" +
                       json_text(confidences_of(sample)));
  }

  void copy(const Sample& sample, const fs::path& image) {
    const auto from = image_file(dataset_, sample);
    std::error_code error;
    if (fs::exists(from, error)) {
      copy_image(from, folder_ / kImages / image);
    } else {
      ++missing_;
    }
  }

  const Dataset& dataset_;
  const fs::path& folder_;
  AtomicFile list_, confidences_;
  std::map<fs::path, std::string> image_of_;  // of a file of labels
  size_t missing_ = 0;
};

}  // namespace

void write_yolo(const Dataset& dataset, const fs::path& folder) {
  Writer(dataset, folder).run();
}

}  // namespace preannotate
