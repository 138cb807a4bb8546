#include "backbone_files.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/core/text.h"
#include "preannotate/model/backbone.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

/// Name and file of each model of the manifest.
std::vector<std::pair<std::string, fs::path>> listed_models() {
  std::vector<std::pair<std::string, fs::path>> models;
  const fs::path manifest = models_folder() / "manifest.json";
  if (!fs::exists(manifest)) return models;
  const std::string where = manifest.string();
  const Json json = read_json(manifest);
  for (const auto& entry : field(json, "models", where)) {
    models.emplace_back(string_field(entry, "name", where),
                        models_folder() / string_field(entry, "file", where));
  }
  return models;
}

fs::path file_of(const std::string& word) {
  if (fs::exists(word)) return word;
  std::vector<std::string> names;
  for (const auto& [name, path] : listed_models()) {
    if (name == word) return path;
    names.push_back(name);
  }
  if (word.find_first_of("./") != std::string::npos) return word;  // reading it says what it lacks
  const std::string near = nearest_name(word, names);
  throw UserError(kUsageError, "--backbones '", word, "' is no file",
                  names.empty() ? "" : " and none of the models " + join_names(names),
                  near.empty() ? "" : "; did you mean '" + near + "'?");
}

}  // namespace

std::vector<BackboneFile> backbone_files(const std::vector<std::string>& wanted) {
  std::vector<BackboneFile> files;
  const auto add = [&](const fs::path& path) {
    const bool known = std::any_of(files.begin(), files.end(), [&](const BackboneFile& file) {
      return fs::weakly_canonical(file.path) == fs::weakly_canonical(path);
    });
    if (!known) files.push_back({path.stem().string(), path});
  };
  for (const auto& word : wanted) add(file_of(word));
  if (wanted.empty()) {
    for (const auto& [name, path] : listed_models()) {
      if (fs::exists(path)) add(path);
    }
  }
  if (files.empty()) {
    throw UserError(kUsageError, "no backbone of ", models_folder() / "manifest.json",
                    " is there; name files with --backbones");
  }
  std::map<std::string, int> times;
  for (const auto& file : files) ++times[file.name];
  for (auto& file : files) {
    if (times[file.name] > 1) file.name = file.path.string();
  }
  return files;
}

}  // namespace preannotate
