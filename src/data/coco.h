#pragma once

#include <filesystem>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// Reads one file of COCO annotations. Ids serve as links only: they are numbered anew on writing.
/// The sizes of images are the file's own; whoever opens an image compares them.
Dataset read_coco(const std::filesystem::path& file);

/// Writes annotations.json below `folder`.
void write_coco(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace preannotate
