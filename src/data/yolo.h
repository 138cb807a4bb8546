#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/data/format.h"

namespace preannotate {

/// Ultralytics YOLO, detection: data.yaml, images/<split>/..., labels/<split>/....txt with lines of
/// "class x y width height" (centre and size, as fractions of the upright image). What those five
/// columns cannot hold stands in confidences.json, which other readers ignore.
constexpr const char* kYoloConfidences = "confidences.json";

/// What data.yaml (or the classes.txt of a Label Studio export) says.
struct YoloConfig {
  std::filesystem::path root;                 // what its paths are below
  std::vector<std::string> names;             // of the classes
  std::vector<std::filesystem::path> images;  // below root, sorted; some may not be there
};

/// The configuration of a dataset folder, or of a .yaml file; "" when there is none.
std::filesystem::path yolo_config_file(const std::filesystem::path& path);

/// Throws UserError(kBadInput) "file:line: ...".
YoloConfig read_yolo_config(const std::filesystem::path& file);

Dataset read_yolo(const std::filesystem::path& path, const ReadOptions& options);

/// Images are copied where they are there; without them the tree is good for importing labels only.
void write_yolo(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace preannotate
