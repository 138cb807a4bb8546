#pragma once

#include <filesystem>

#include "preannotate/data/format.h"

namespace preannotate {

/// "CVAT for images 1.1": one XML file, annotations/image/{box,polygon,tag}. Corners are as CVAT
/// writes them, xbr = x + width. The labels of <meta> give the order of the categories.
Dataset read_cvat(const std::filesystem::path& file, const ReadOptions& options);

/// Writes annotations.xml, and labels.json to make the task with: CVAT drops the attributes, and so
/// the scores, that a task's labels do not declare.
void write_cvat(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace preannotate
