#pragma once

#include <filesystem>
#include <vector>

#include "preannotate/data/format.h"

namespace preannotate {

/// Pascal VOC, one XML file an image. bndbox holds the corners as they are: xmin is a COCO bbox's x
/// and xmax its x + width, as today's tools write it, without the +1 of the 2007 original.

/// The folder that holds the XML files of `path`: its Annotations/ if there is one, else itself.
std::filesystem::path voc_annotations(const std::filesystem::path& path);

/// The XML files of voc_annotations(path), paths below it, sorted: of Annotations/ with its
/// sub-folders, else of the folder alone.
std::vector<std::filesystem::path> voc_files(const std::filesystem::path& path);

/// Reads each XML file, whatever ImageSets/ lists. `difficult` becomes crowd. A labelmap.txt gives
/// the order of the categories.
Dataset read_voc(const std::filesystem::path& path, const ReadOptions& options);

/// Writes Annotations/, ImageSets/Main/default.txt and labelmap.txt below `folder`.
void write_voc(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace preannotate
