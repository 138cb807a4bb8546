#pragma once

#include <filesystem>
#include <string>

#include "preannotate/data/format.h"

namespace preannotate {

/// Tables in the style of Open Images: boxes.csv (ImageID, LabelName, Confidence, XMin, XMax, YMin,
/// YMax as fractions of the upright image, IsGroupOf, ...), image_labels.csv (ImageID, LabelName,
/// Confidence), images.csv (ImageID, Width, Height: also of images without a label) and classes.csv
/// (LabelName, DisplayName). Only one of the first two has to be there.

/// The Source of labels with a score, before "-" and the model's version.
inline const std::string kOpenImagesDrafts = "preannotate";

/// A .csv file whose header has ImageID and LabelName.
bool is_open_images_table(const std::filesystem::path& file);

Dataset read_open_images(const std::filesystem::path& path, const ReadOptions& options);
void write_open_images(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace preannotate
