#include <string>

#include "all_formats.h"
#include "file_kind.h"
#include "open_images.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLookedAt = 4096;  // bytes: the header

bool recognises(const fs::path& path) {
  if (!is_folder(path)) return is_open_images_table(path);
  for (const auto& file : files_with(path, ".csv")) {
    if (is_open_images_table(file)) return true;
  }
  return false;
}

}  // namespace

bool is_open_images_table(const fs::path& file) {
  if (!has_extension(file, ".csv")) return false;
  const auto text = first_bytes(file, kLookedAt);
  const auto header = "," + text.substr(0, text.find_first_of("\r\n")) + ",";
  return header.find(",ImageID,") != header.npos;
}

const DatasetFormat kOpenImagesFormat{
    .name = "open_images",
    .summary = "boxes.csv, image_labels.csv as of Open Images",
    .holds = {.boxes = true,
              .classes = true,
              .scores = true,
              .ids = true,
              .crowds = true,
              .empty_images = true,
              .sizes = true,
              .buckets = true},
    .recognises = recognises,
    .read_from = read_open_images,
    .write = write_open_images,
};

}  // namespace preannotate
