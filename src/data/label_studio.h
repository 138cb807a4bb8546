#pragma once

#include <filesystem>

#include "preannotate/data/format.h"
#include "preannotate/data/returned.h"

namespace preannotate {

/// Reads a file of Label Studio tasks: its JSON export after review (the latest annotation of a
/// task that was not cancelled; nothing in it means: looked at and empty), or, when no task has an
/// annotation, the predictions. The configuration beside it (config.xml) gives the order of the
/// categories.
Dataset read_label_studio(const std::filesystem::path& file, const ReadOptions& options);

/// The file of tasks at `path`, a file or a folder that holds one. Throws UserError(kBadInput).
std::filesystem::path label_studio_file(const std::filesystem::path& path);

/// Every annotation of its JSON export, with who made it and when, and the drafts that it began
/// with. Faults are one ImportError.
Returned read_label_studio_answers(const std::filesystem::path& file);

/// Writes tasks.json and config.xml below `folder`: drafts (with scores or a model) as predictions,
/// labels of people as annotations.
void write_label_studio(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace preannotate
