#include <nlohmann/json.hpp>
#include <set>

#include "file_kind.h"
#include "json_values.h"
#include "lint.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kTool = {"label_studio"};

class Lint {
 public:
  explicit Lint(const fs::path& file) : file_(file) {}

  std::vector<Finding> run() {
    const Json root = read_json(file_);
    if (!root.is_array()) return {};
    std::error_code error;
    if (!fs::exists(file_.parent_path() / "config.xml", error)) {
      add(file_.filename().string(), "config_missing",
          "no config.xml lies beside it: a label that the project does not have fails the import");
    }
    for (size_t i = 0; i < root.size(); ++i) task(root[i], "tasks[" + std::to_string(i) + "]");
    return std::move(findings_);
  }

 private:
  void task(const Json& task, const std::string& place) {
    if (!task.is_object() || !has_field(task, "predictions") || !task["predictions"].is_array())
      return;
    const Json& predictions = task["predictions"];
    ids_.clear();
    if (predictions.size() > 1) {
      add(place, "several_predictions",
          "has " + std::to_string(predictions.size()) +
              " predictions, which are shown as tabs, not together; put all regions into one");
    }
    for (const Json& prediction : predictions) {
      if (!prediction.is_object()) continue;
      if (!has_field(prediction, "model_version")) {
        add(place, "model_version_missing",
            "a prediction without model_version cannot be told from others or deleted later");
      }
      if (!has_field(prediction, "result") || !prediction["result"].is_array()) continue;
      for (const Json& region : prediction["result"]) this->region(region, place);
    }
  }

  void region(const Json& region, const std::string& place) {
    if (!region.is_object()) return;
    for (const char* key : {"from_name", "to_name", "type", "value"}) {
      if (!has_field(region, key))
        add(place, "region_incomplete", std::string("a region has no '") + key + "'");
    }
    if (!has_field(region, "id") || !region["id"].is_string()) return;
    const auto id = region["id"].get<std::string>();
    if (id.find('#') != id.npos) {
      add(place, "id_with_hash",
          "region id '" + id + "' holds '#', behind which the editor cuts it off");
    }
    if (!ids_.insert(id).second)
      add(place, "duplicate_id",
          "region id '" + id + "' is there twice: the editor shows one area");
  }

  void add(std::string place, std::string code, std::string message) {
    findings_.push_back({std::move(place), std::move(code), std::move(message), kTool});
  }

  fs::path file_;
  std::set<std::string> ids_;  // of the task
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> lint_label_studio(const fs::path& path) {
  std::vector<Finding> findings;
  for (const auto& file : is_folder(path) ? files_with(path, ".json") : std::vector{path}) {
    for (auto& finding : Lint(file).run()) findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace preannotate
