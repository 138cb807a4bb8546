#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "preannotate/data/format.h"

namespace preannotate {

/// Where the subset files of `path` are: those given, or below annotations/.
std::vector<std::filesystem::path> datumaro_files(const std::filesystem::path& path);

/// Reads the subsets of a Datumaro dataset as one: annotations/<subset>.json, images below
/// images/<subset>/ or images/. Types bbox, label and polygon are kept.
Dataset read_datumaro(const std::filesystem::path& path, const ReadOptions& options);

/// Writes annotations/default.json below `folder`.
void write_datumaro(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace preannotate
