#pragma once

#include <filesystem>

namespace preannotate {

/// Copies a file, making the folders above `to`; it appears whole. No fsync for each: thousands
/// would take minutes, and the output folder as a whole is made to last. Throws
/// UserError(kCannotWrite), (kBadInput) when `from` is no regular file.
void copy_image(const std::filesystem::path& from, const std::filesystem::path& to);

/// Writes a small file in the same way.
void write_unsynced(const std::filesystem::path& path, const std::string& text);

}  // namespace preannotate
