#pragma once

#include <filesystem>
#include <vector>

#include "preannotate/data/format.h"

namespace preannotate {

/// The COCO files of `path`: itself, or of a folder or its annotations/ (annotations.json alone
/// when there is one).
std::vector<std::filesystem::path> coco_files(const std::filesystem::path& path);

/// Reads one file of COCO annotations, item by item, or a list of results with the file beside it
/// that names the images. Ids serve as links only: they are numbered anew on writing. The sizes of
/// images are the file's own; whoever opens an image compares them.
Dataset read_coco(const std::filesystem::path& file, const ReadOptions& options);

/// Writes annotations.json below `folder`, and results.json (a list of results) when boxes have
/// scores.
void write_coco(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace preannotate
