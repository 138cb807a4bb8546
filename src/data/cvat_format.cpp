#include <string>

#include "all_formats.h"
#include "cvat.h"
#include "file_kind.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFileName = "annotations.xml";
constexpr size_t kLookedAt = 4096;  // bytes

/// Its outermost element is <annotations> (VOC's is <annotation>).
bool looks_like_cvat(const fs::path& file) {
  return first_bytes(file, kLookedAt).find("<annotations>") != std::string::npos;
}

std::vector<fs::path> files_of(const fs::path& path) {
  if (!is_folder(path)) {
    return has_extension(path, ".xml") && looks_like_cvat(path) ? std::vector{path}
                                                                : std::vector<fs::path>{};
  }
  auto files = files_with(path, ".xml");
  std::erase_if(files, [](const fs::path& file) { return !looks_like_cvat(file); });
  return usual_or_all(std::move(files), kFileName);
}

bool recognises(const fs::path& path) {
  return !files_of(path).empty();
}

Dataset read(const fs::path& path, const ReadOptions& options) {
  const bool folder = is_folder(path);
  return read_cvat(folder ? only_file(path, files_of(path), "CVAT file", kFileName) : path,
                   options);
}

}  // namespace

const DatasetFormat kCvatFormat{
    .name = "cvat",
    .summary = "annotations.xml (CVAT for images 1.1) and labels.json",
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
    .write = write_cvat,
};

}  // namespace preannotate
