#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// One on-disk annotation format. Adding one: a file in src/data/, a line in src/data/formats.cpp,
/// a fixture in tests/data/. The contract every format meets is tests/data/format_test.cpp.
struct DatasetFormat {
  std::string_view name;     // as typed after --format
  std::string_view summary;  // one line of help
  bool boxes, scores;        // what it can hold beside category names

  /// Cheap: looks at names and first lines, opens no image. Null when the format is only written.
  bool (*recognises)(const std::filesystem::path& path);
  /// Throws UserError(kBadInput) naming file and line. Null when the format is only written.
  Dataset (*read)(const std::filesystem::path& path);
  /// Writes below the existing folder `folder`; each file appears whole. Never writes to
  /// dataset.image_root.
  void (*write)(const Dataset& dataset, const std::filesystem::path& folder);
};

/// Every format there is; help, --format, --formats, detection and the contract test follow it.
std::span<const DatasetFormat* const> dataset_formats();

/// Throws UserError(kUsageError) with the nearest and all known names.
const DatasetFormat& format_named(std::string_view name);

/// Throws UserError(kBadInput) when none, or more than one, recognises `path`.
const DatasetFormat& format_of(const std::filesystem::path& path);

/// Reads with `format` ("" = what it looks like). A missing path is UserError(kUsageError); no
/// labelled image at all is kBadInput.
Dataset read_dataset(const std::filesystem::path& path, std::string_view format);

}  // namespace preannotate
