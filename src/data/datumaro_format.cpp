#include <string>

#include "all_formats.h"
#include "datumaro.h"
#include "file_kind.h"
#include "preannotate/core/error.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLookedAt = 1 << 20;  // bytes: `items` stands behind the categories

/// An object with "categories": {"label": {"labels": [ and "items": [.
bool looks_like_datumaro(const fs::path& file) {
  std::string text = first_bytes(file, kLookedAt);
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  return text.starts_with('{') && text.find("\"label\":{\"labels\":[") != text.npos &&
         text.find("\"items\":[") != text.npos;
}

bool recognises(const fs::path& path) {
  return !datumaro_files(path).empty();
}

Dataset read(const fs::path& path, const ReadOptions& options) {
  if (datumaro_files(path).empty()) {
    throw UserError(kBadInput, path,
                    ": holds no Datumaro file; expected annotations/<subset>.json with "
                    "\"categories\" and \"items\"");
  }
  return read_datumaro(path, options);
}

}  // namespace

std::vector<fs::path> datumaro_files(const fs::path& path) {
  std::vector<fs::path> files{path};
  if (is_folder(path)) {
    files = files_with(path / "annotations", ".json");
    if (files.empty()) files = files_with(path, ".json");
  } else if (!has_extension(path, ".json")) {
    return {};
  }
  std::erase_if(files, [](const fs::path& file) { return !looks_like_datumaro(file); });
  return files;
}

const DatasetFormat kDatumaroFormat{
    .name = "datumaro",
    .summary = "annotations/default.json for Datumaro",
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
    .write = write_datumaro,
};

}  // namespace preannotate
