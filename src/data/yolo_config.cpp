#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <system_error>

#include "file_kind.h"
#include "names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"
#include "preannotate/data/image_list.h"
#include "scan_folder.h"
#include "yolo.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kClasses = "classes.txt";
constexpr std::uint64_t kMostBytes = 16 << 20;  // of a configuration
constexpr size_t kLookedAt = 1 << 16;           // bytes

std::string place_of(const fs::path& file, const YAML::Node& node) {
  return file.string() + ":" + std::to_string(node.Mark().line + 1);
}

bool is_yaml(const fs::path& path) {
  return has_extension(path, ".yaml") || has_extension(path, ".yml");
}

bool has_names(const fs::path& file) {
  const auto text = first_bytes(file, kLookedAt);
  return text.starts_with("names:") || text.find("\nnames:") != text.npos;
}

std::string text_of(const YAML::Node& node, const fs::path& file, const std::string& what) {
  if (!node.IsScalar()) throw UserError(kBadInput, place_of(file, node), ": ", what, " is no text");
  return node.Scalar();
}

/// A list of names, or a map from 0, 1, ... to them.
std::vector<std::string> names_of(const YAML::Node& node, const fs::path& file) {
  std::vector<std::string> names;
  if (node.IsSequence()) {
    for (const auto& item : node) names.push_back(text_of(item, file, "a name"));
  } else if (node.IsMap()) {
    names.resize(node.size());
    std::set<size_t> seen;
    for (const auto& item : node) {
      double index = -1;
      const bool number = item.first.IsScalar() && parse_number(item.first.Scalar(), index);
      const bool inside = number && index >= 0 && index < static_cast<double>(names.size());
      const auto place = inside ? static_cast<size_t>(index) : 0;
      if (!inside || std::trunc(index) != index || !seen.insert(place).second) {
        throw UserError(kBadInput, place_of(file, item.first), ": the class numbers under 'names' ",
                        "are to be 0 to ", node.size() - 1, ", each once");
      }
      names[place] = text_of(item.second, file, "a name");
    }
  } else {
    throw UserError(kBadInput, place_of(file, node), ": 'names' is neither a list nor a map");
  }
  return names;
}

void check_names(const std::vector<std::string>& names, const std::string& where) {
  if (names.empty()) throw UserError(kBadInput, where, ": lists no class under 'names'");
  std::set<std::string> seen;
  for (const auto& name : names) {
    check_category_name(name, where);
    if (!seen.insert(name).second)
      throw UserError(kBadInput, where, ": category '", name, "' is there twice; keep one");
  }
}

/// Where the splits' paths are below: what `path` says, when it stays in the folder of the file and
/// is there, else that folder itself (data sets are moved, and `path` often is an absolute one).
fs::path root_of(const YAML::Node& config, const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!config["path"] || !config["path"].IsScalar()) return folder;
  const fs::path below = fs::path(config["path"].Scalar()).lexically_normal();
  if (below.is_absolute() || (!below.empty() && *below.begin() == "..")) return folder;
  return is_folder(folder / below) ? (folder / below).lexically_normal() : folder;
}

/// Images of a folder or of a list of them, below the root.
void add_images(const std::string& entry, const std::string& where, YoloConfig& config) {
  const fs::path below =
      path_from_utf8(checked_image_key(entry == "." ? "./images" : entry, where));
  if (!has_extension(below, ".txt")) {
    if (!is_folder(config.root / below)) {
      throw UserError(kBadInput, where, ": ", config.root / below, " is no folder of images");
    }
    for (const FoundImage& found : scan_folder(config.root / below, {})) {
      if (found.reason.empty()) config.images.push_back(below / found.below);
    }
    return;
  }
  std::istringstream lines(read_file(config.root / below));
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.find_first_not_of(" \t") == line.npos) continue;
    const auto place = (config.root / below).string() + ":" + std::to_string(number);
    config.images.push_back(path_from_utf8(checked_image_key(line, place)));
  }
}

YoloConfig from_yaml(const fs::path& file) {
  YAML::Node root;
  try {
    root = YAML::Load(read_file(file, kMostBytes));
    if (!root.IsMap()) throw UserError(kBadInput, file, ": is no YAML map with 'names'");
    YoloConfig config{root_of(root, file), {}, {}};
    if (!root["names"]) throw UserError(kBadInput, file, ": has no 'names' of the classes");
    config.names = names_of(root["names"], file);
    check_names(config.names, place_of(file, root["names"]));
    for (const char* split : {"train", "val", "test"}) {
      const YAML::Node node = root[split];
      if (!node || node.IsNull()) continue;
      const auto add = [&](const YAML::Node& entry) {
        add_images(text_of(entry, file, std::string("'") + split + "'"), place_of(file, entry),
                   config);
      };
      if (!node.IsSequence()) add(node);
      if (node.IsSequence()) std::for_each(node.begin(), node.end(), add);
    }
    return config;
  } catch (const YAML::Exception& error) {
    throw UserError(kBadInput, file, ":", error.mark.line + 1, ": not valid YAML: ", error.msg);
  }
}

/// As Label Studio exports: a class a line, images/ and labels/ beside it.
YoloConfig from_classes(const fs::path& file) {
  YoloConfig config{file.has_parent_path() ? file.parent_path() : fs::path("."), {}, {}};
  std::istringstream lines(read_file(file, kMostBytes));
  std::string line;
  while (std::getline(lines, line)) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) config.names.push_back(line);
  }
  check_names(config.names, file.string());
  if (is_folder(config.root / "images")) add_images("images", file.string(), config);
  return config;
}

}  // namespace

fs::path yolo_config_file(const fs::path& path) {
  if (!is_folder(path)) return is_yaml(path) && has_names(path) ? path : fs::path();
  for (const char* extension : {".yaml", ".yml"}) {
    const auto files = files_with(path, extension);
    const auto found = std::find_if(files.begin(), files.end(), has_names);
    if (found != files.end()) return *found;
  }
  std::error_code error;
  const bool classes = fs::is_regular_file(path / kClasses, error) && is_folder(path / "labels");
  return classes ? path / kClasses : fs::path();
}

YoloConfig read_yolo_config(const fs::path& file) {
  YoloConfig config = is_yaml(file) ? from_yaml(file) : from_classes(file);
  std::sort(config.images.begin(), config.images.end());
  config.images.erase(std::unique(config.images.begin(), config.images.end()), config.images.end());
  return config;
}

}  // namespace preannotate
