#include "all_formats.h"
#include "yolo.h"

namespace preannotate {
namespace {

bool recognises(const std::filesystem::path& path) {
  return !yolo_config_file(path).empty();
}

}  // namespace

const DatasetFormat kYoloFormat{
    .name = "yolo",
    .summary = "Ultralytics detection: data.yaml, images/, labels/",
    .holds = {.boxes = true,
              .scores = true,
              .ids = true,
              .empty_images = true,
              .sizes = true,
              .buckets = true},
    .recognises = recognises,
    .read_from = read_yolo,
    .write = write_yolo,
};

}  // namespace preannotate
