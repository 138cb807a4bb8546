#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <system_error>

#include "import_faults.h"
#include "json_values.h"
#include "label_checks.h"
#include "outline.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "preannotate/headers/image_size.h"
#include "yolo.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

/// images/train/sub/a.jpg -> labels/train/sub/a.txt: the last part that is "images" is exchanged.
fs::path labels_of(const fs::path& image) {
  std::vector<fs::path> parts(image.begin(), image.end());
  const auto last = std::find(parts.rbegin(), parts.rend(), fs::path("images"));
  if (last != parts.rend()) *last = "labels";
  fs::path labels;
  for (const auto& part : parts) labels /= part;
  return labels.replace_extension(".txt");
}

/// The folder that all images lie in, of images/<split>/ or images/; else the root itself.
fs::path common_folder(const std::vector<fs::path>& images) {
  const auto first_parts = [](const fs::path& path, int count) {
    fs::path parts;
    auto part = path.begin();
    for (int i = 0; i < count && part != path.end() && std::next(part) != path.end(); ++i, ++part)
      parts /= *part;
    return parts;
  };
  for (const int count : {2, 1}) {
    if (images.empty()) break;
    const auto folder = first_parts(images[0], count);
    const bool common = folder.begin() != folder.end() && *folder.begin() == "images" &&
                        std::all_of(images.begin(), images.end(), [&](const fs::path& image) {
                          return first_parts(image, count) == folder;
                        });
    const bool split = count == 1 || folder.filename() == "train" || folder.filename() == "val" ||
                       folder.filename() == "test";
    if (common && split) return folder;
  }
  return {};
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> all;
  for (std::string word; stream >> word;) all.push_back(word);
  return all;
}

class Reader {
 public:
  Reader(fs::path path, const fs::path& config_file, const ReadOptions& options)
      : path_(std::move(path)), config_(read_yolo_config(config_file)), faults_(path_, options) {}

  Dataset run() {
    dataset_.categories = config_.names;
    const auto folder = common_folder(config_.images);
    dataset_.image_root = config_.root / folder;
    read_confidences();
    for (const fs::path& image : config_.images) {
      const auto labels = labels_of(image);
      faults_.collect(labels.string(), [&] {
        add_image(image, utf8_path(folder.empty() ? image : image.lexically_relative(folder)),
                  labels);
      });
    }
    faults_.finish(dataset_.problems);
    notes_.move_to(dataset_.problems, path_.string());
    sort_samples(dataset_);
    return std::move(dataset_);
  }

 private:
  void read_confidences() {
    const fs::path file = config_.root / kYoloConfidences;
    std::error_code error;
    if (!fs::exists(file, error)) return;
    confidences_ = read_json(file);
    if (!confidences_.is_object() || !confidences_.contains("images") ||
        !confidences_["images"].is_object()) {
      throw UserError(kBadInput, file, ": has no object 'images'");
    }
    if (has_field(confidences_, "model_version"))
      dataset_.model_version = string_field(confidences_, "model_version", file.string());
  }

  void add_image(const fs::path& image, const std::string& key, const fs::path& labels) {
    Sample sample;
    sample.image = key;
    const Json* beside = nullptr;
    if (confidences_.is_object()) {
      const auto found = confidences_["images"].find(key);
      if (found != confidences_["images"].end()) beside = &*found;
    }
    if (!read_size(image, beside, sample)) return;
    std::error_code error;
    if (fs::exists(config_.root / labels, error)) read_labels(labels, sample);
    if (beside) add_confidences(*beside, sample);
    std::erase_if(sample.labels, [](const Label& label) { return !label.box; });
    dataset_.samples.push_back(std::move(sample));
  }

  /// Of what the drafts say, else of the image's header. False when the image has to be left out.
  bool read_size(const fs::path& image, const Json* beside, Sample& sample) {
    if (beside && has_field(*beside, "width") && has_field(*beside, "height")) {
      const std::string where = std::string(kYoloConfidences) + ": '" + sample.image + "'";
      sample.width = side_of(*beside, "width", where);
      sample.height = side_of(*beside, "height", where);
      return true;
    }
    const auto size = image_size_of(config_.root / image);
    if (!size || size->width > kLongestSide || size->height > kLongestSide) {
      dataset_.problems.push_back(
          {sample.image, "image_unreadable",
           (config_.root / image).string() +
               ": is not there or no image, so that its labels have no size; left out"});
      return false;
    }
    sample.width = static_cast<int>(size->width);
    sample.height = static_cast<int>(size->height);
    return true;
  }

  static int side_of(const Json& json, const char* key, const std::string& where) {
    return checked_side(static_cast<double>(int_field(json, key, where)),
                        "field '" + std::string(key) + "'", where, 1);
  }

  /// A label for each line that is not blank, also for one without a usable box, so that the lines
  /// and the confidences agree.
  void read_labels(const fs::path& file, Sample& sample) {
    std::istringstream lines(read_file(config_.root / file));
    std::string line;
    for (size_t number = 1; std::getline(lines, line); ++number) {
      const auto fields = words(line);
      if (fields.empty()) continue;
      const auto where = file.string() + ":" + std::to_string(number);
      Label label;
      faults_.collect(file.string(), [&] { read_line(fields, where, sample, label); });
      sample.labels.push_back(label);
    }
  }

  void read_line(const std::vector<std::string>& fields, const std::string& where,
                 const Sample& sample, Label& label) {
    const size_t count = fields.size();
    const bool polygon = count >= 7 && count % 2 == 1;
    if (count != 5 && count != 6 && !polygon) {
      throw UserError(kBadInput, where, ": has ", count,
                      " columns, expected 5: class x y width height");
    }
    std::vector<double> numbers;
    for (const auto& text : fields) numbers.push_back(number(text, where));
    label.category = category_of(fields[0], numbers[0], where);
    if (count == 6) label.score = score_of(numbers[5], where);
    const auto corners =
        polygon ? polygon_corners(numbers, sample, label) : box_corners(numbers, sample);
    place_box(corners, where, sample, label, dataset_.problems);
  }

  static double number(const std::string& text, const std::string& where) {
    double value = 0;
    if (parse_number(text, value) && std::abs(value) <= kLongestSide) return value;
    const bool comma = text.find(',') != text.npos;
    throw UserError(kBadInput, where, ": '", text.substr(0, 60), "' is ",
                    comma ? "written with commas; columns are separated by spaces and numbers have "
                            "a decimal point"
                          : "no number");
  }

  int category_of(const std::string& text, double value, const std::string& where) const {
    const auto classes = config_.names.size();
    if (!(value >= 0 && value < static_cast<double>(classes) && std::trunc(value) == value)) {
      throw UserError(kBadInput, where, ": class ", text.substr(0, 60), " is not among the ",
                      classes, " of the names, 0 to ", classes - 1);
    }
    return static_cast<int>(value);
  }

  static double score_of(double score, const std::string& where) {
    return checked_score(score, "the 6th column, a confidence,", where);
  }

  static Corners box_corners(const std::vector<double>& n, const Sample& sample) {
    const double width = sample.width, height = sample.height;
    return {(n[1] - n[3] / 2) * width, (n[2] - n[4] / 2) * height, (n[1] + n[3] / 2) * width,
            (n[2] + n[4] / 2) * height};
  }

  static Corners polygon_corners(const std::vector<double>& n, const Sample& sample, Label& label) {
    std::vector<double> points;
    for (size_t i = 1; i + 1 < n.size(); i += 2) {
      points.push_back(n[i] * sample.width);
      points.push_back(n[i + 1] * sample.height);
    }
    label.segmentation = polygon_segmentation(points);
    return corners_around(points);
  }

  /// One for each line of labels. Labels that were edited since have other lines: then none counts.
  void add_confidences(const Json& beside, Sample& sample) {
    const std::string where = std::string(kYoloConfidences) + ": '" + sample.image + "'";
    if (has_field(beside, "bucket")) sample.bucket = string_field(beside, "bucket", where);
    const Json none = Json::array();
    const Json& scores = has_field(beside, "scores") ? beside["scores"] : none;
    const Json& ids = has_field(beside, "ids") ? beside["ids"] : none;
    if (!scores.is_array() || !ids.is_array())
      throw UserError(kBadInput, where, ": fields 'scores' and 'ids' are to be lists");
    if (scores.size() != sample.labels.size() || ids.size() != sample.labels.size()) {
      notes_.add("confidences_stale", where,
                 "there are " + std::to_string(scores.size()) + " scores for " +
                     std::to_string(sample.labels.size()) + " lines of labels; not used");
      return;
    }
    for (size_t i = 0; i < sample.labels.size(); ++i) {
      Label& label = sample.labels[i];
      if (scores[i].is_number()) label.score = score_of(scores[i].get<double>(), where);
      if (ids[i].is_string()) label.id = ids[i].get<std::string>();
    }
  }

  fs::path path_;
  YoloConfig config_;
  ImportFaults faults_;
  ImportNotes notes_;
  Json confidences_;
  Dataset dataset_;
};

}  // namespace

Dataset read_yolo(const fs::path& path, const ReadOptions& options) {
  const auto config = yolo_config_file(path);
  if (config.empty()) {
    throw UserError(kBadInput, path,
                    ": has no data.yaml with 'names' (nor classes.txt and labels/)");
  }
  return Reader(path, config, options).run();
}

}  // namespace preannotate
