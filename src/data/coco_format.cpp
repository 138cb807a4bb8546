#include <string>
#include <string_view>
#include <vector>

#include "all_formats.h"
#include "coco.h"
#include "file_kind.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFileName = "annotations.json";
constexpr size_t kLookedAt = 1 << 20;   // bytes of a file that is not read as a whole
constexpr size_t kFirstItem = 1 << 16;  // bytes in which an image_id is looked for
constexpr std::string_view kBlank = " \t\r\n";

/// What the start of a JSON file says of its kind; unclear: broken or empty, which a reader
/// reports.
enum class Kind { kOther, kUnclear, kCoco, kResults };

/// A list whose first item has an image_id; the empty list is for whoever names the format.
bool is_results(std::string_view text) {
  const size_t start = text.find_first_not_of(kBlank);
  if (start == text.npos || text[start] != '[') return false;
  const size_t item = text.find_first_not_of(kBlank, start + 1);
  return item != text.npos && text[item] == '{' &&
         text.substr(item, kFirstItem).find("\"image_id\"") != text.npos;
}

/// Looks for "images": [ or "annotations": [ in the outermost object.
Kind kind_of_text(std::string_view text) {
  if (is_results(text)) return Kind::kResults;
  int depth = 0;
  bool any_key = false;
  for (size_t i = text.find_first_not_of(kBlank); i < text.size(); ++i) {
    const char c = text[i];
    if (depth == 0 && c != '{') return Kind::kOther;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) break;
    if (c != '"') continue;
    const size_t start = ++i;
    while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
    if (i >= text.size()) break;
    const auto key = text.substr(start, i - start);
    const size_t colon = text.find_first_not_of(kBlank, i + 1);
    if (depth != 1 || colon >= text.size() || text[colon] != ':') continue;
    any_key = true;
    const size_t value = text.find_first_not_of(kBlank, colon + 1);
    if (value < text.size() && text[value] == '[' && (key == "images" || key == "annotations"))
      return Kind::kCoco;
  }
  return any_key ? Kind::kOther : Kind::kUnclear;
}

Kind kind_of(const fs::path& file) {
  const auto text = first_bytes(file, kLookedAt);
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return Kind::kUnclear;
  return kind_of_text(text);
}

/// The COCO files of a folder, sorted; only annotations.json when there is one.
std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::path& path : files_with(folder, ".json")) {
    const Kind kind = kind_of(path);
    if (path.filename() == kFileName && (kind == Kind::kCoco || kind == Kind::kUnclear))
      return {path};
    if (kind == Kind::kCoco) files.push_back(path);
  }
  return files;
}

/// Of a folder, or of its annotations/.
std::vector<fs::path> files_of(const fs::path& folder) {
  const auto files = files_in(folder);
  return files.empty() ? files_in(folder / "annotations") : files;
}

bool recognises(const fs::path& path) {
  if (is_folder(path)) return !files_of(path).empty();
  return has_extension(path, ".json") && kind_of(path) != Kind::kOther;
}

Dataset read(const fs::path& path, const ReadOptions& options) {
  const bool folder = is_folder(path);
  return read_coco(folder ? only_file(path, files_of(path), "COCO file", kFileName) : path,
                   options);
}

}  // namespace

std::vector<fs::path> coco_files(const fs::path& path) {
  return is_folder(path) ? files_of(path) : std::vector{path};
}

const DatasetFormat kCocoFormat{
    .name = "coco",
    .summary = "annotations.json for COCO tools and CVAT",
    .holds = {.boxes = true,
              .classes = true,
              .scores = true,
              .ids = true,
              .crowds = true,
              .polygons = true,
              .outlines = true,
              .empty_images = true,
              .sizes = true,
              .buckets = true},
    .recognises = recognises,
    .read_from = read,
    .write = write_coco,
};

}  // namespace preannotate
