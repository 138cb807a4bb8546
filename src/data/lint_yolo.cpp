#include <algorithm>
#include <set>
#include <sstream>
#include <system_error>

#include "file_kind.h"
#include "lint.h"
#include "preannotate/core/files.h"
#include "yolo.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kStrict = {"cvat", "datumaro"};

class Lint {
 public:
  explicit Lint(const fs::path& path) : file_(yolo_config_file(path)) {}

  std::vector<Finding> run() {
    if (file_.empty()) return {};
    const YoloConfig config = read_yolo_config(file_);
    keys();
    std::set<std::string> images;
    for (const fs::path& image : config.images)
      images.insert(fs::path(image).replace_extension().filename().string());
    std::error_code error;
    fs::recursive_directory_iterator entry(config.root / "labels", error), end;
    std::vector<fs::path> files;
    for (; !error && entry != end; entry.increment(error)) {
      if (has_extension(entry->path(), ".txt")) files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) labels(file, config.root, images);
    return std::move(findings_);
  }

 private:
  /// Top-level keys, which are all that the CVAT fork of Datumaro looks at.
  void keys() {
    if (has_extension(file_, ".txt")) return;
    static const std::set<std::string> kKnown = {"path", "train", "val", "test", "names"};
    std::istringstream lines(read_file(file_));
    std::string line;
    bool train = false, val = false;
    for (size_t number = 1; std::getline(lines, line); ++number) {
      const auto key = line.substr(0, line.find(':'));
      if (line.find(':') == line.npos || line.empty() || line[0] == ' ' || line[0] == '#' ||
          line[0] == '-' || line[0] == '\t') {
        continue;
      }
      train = train || key == "train";
      val = val || key == "val";
      if (!kKnown.contains(key)) {
        add(file_.filename().string() + ":" + std::to_string(number), "unknown_key",
            "key '" + key + "' is taken for the name of a subset; leave it out", {"cvat"});
      }
    }
    if (!train || !val) {
      add(file_.filename().string(), "split_missing",
          std::string("has no '") + (train ? "val" : "train") + "'", {"ultralytics"});
    }
  }

  void labels(const fs::path& file, const fs::path& root, const std::set<std::string>& images) {
    const auto name = file.lexically_relative(root).string();
    if (!images.contains(file.stem().string()))
      add(name, "image_missing", "is of no image that the configuration lists", {});
    std::istringstream lines(read_file(file));
    std::string line, word;
    for (size_t number = 1; std::getline(lines, line); ++number) {
      std::istringstream words(line);
      size_t count = 0;
      while (words >> word) ++count;
      if (count == 6) {
        add(name + ":" + std::to_string(number), "sixth_column",
            "has a confidence in a 6th column, which strict readers refuse (CVAT takes a whole "
            "number for a track)",
            kStrict);
      }
    }
  }

  void add(std::string place, std::string code, std::string message,
           std::vector<std::string> tools) {
    findings_.push_back({std::move(place), std::move(code), std::move(message), std::move(tools)});
  }

  fs::path file_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> lint_yolo(const fs::path& path) {
  return Lint(path).run();
}

}  // namespace preannotate
