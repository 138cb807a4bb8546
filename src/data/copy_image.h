#pragma once

#include <filesystem>

namespace preannotate {

/// Copies a file, making the folders above `to`; it appears whole and lasts with the OutputFolder
/// that it lies in (Lasting::kWithFolder). Throws UserError(kCannotWrite), (kBadInput) when `from`
/// is no regular file.
void copy_image(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace preannotate
