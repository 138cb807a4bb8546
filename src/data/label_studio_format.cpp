#include <string>
#include <string_view>

#include "all_formats.h"
#include "file_kind.h"
#include "label_studio.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFileName = "tasks.json";
constexpr size_t kLookedAt = 1 << 16;  // bytes: the first task's keys

/// A list whose first item is an object with "annotations" or "predictions" and "data", in any
/// order; other lists of objects (COCO results) have neither.
bool looks_like_tasks(const fs::path& file) {
  const auto text = first_bytes(file, kLookedAt);
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == text.npos || text[start] != '[') return false;
  if (file.filename() == kFileName) return true;
  const auto item = text.find_first_not_of(" \t\r\n", start + 1);
  return item != text.npos && text[item] == '{' && text.find("\"data\"") != text.npos &&
         (text.find("\"annotations\"") != text.npos || text.find("\"predictions\"") != text.npos);
}

std::vector<fs::path> files_of(const fs::path& path) {
  if (!is_folder(path)) {
    return has_extension(path, ".json") && looks_like_tasks(path) ? std::vector{path}
                                                                  : std::vector<fs::path>{};
  }
  auto files = files_with(path, ".json");
  std::erase_if(files, [](const fs::path& file) { return !looks_like_tasks(file); });
  return usual_or_all(std::move(files), kFileName);
}

bool recognises(const fs::path& path) {
  return !files_of(path).empty();
}

Dataset read(const fs::path& path, const ReadOptions& options) {
  return read_label_studio(label_studio_file(path), options);
}

}  // namespace

fs::path label_studio_file(const fs::path& path) {
  return is_folder(path) ? only_file(path, files_of(path), "Label Studio file", kFileName) : path;
}

const DatasetFormat kLabelStudioFormat{
    .name = "label_studio",
    .summary = "tasks.json and config.xml; its reviewed JSON export",
    .holds = {.boxes = true,
              .classes = true,
              .scores = true,
              .ids = true,
              .crowds = true,
              .polygons = true,
              .empty_images = true,
              .sizes = true,
              .buckets = true},
    .recognises = recognises,
    .read_from = read,
    .write = write_label_studio,
};

}  // namespace preannotate
