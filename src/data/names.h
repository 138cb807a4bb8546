#pragma once

#include <string>

namespace preannotate {

/// The image key that `text`, read from a file, stands for: "./a//b.jpg" -> "a/b.jpg". Throws
/// UserError(kBadInput) "<where>: unsafe_path: ..." for what could name a file outside the folder:
/// absolute paths, "..", drive letters, URLs.
std::string checked_image_key(const std::string& text, const std::string& where);

/// Throws UserError(kBadInput) naming `where` for what is no usable category name: empty, more than
/// 256 bytes, not UTF-8, control characters, spaces around it.
void check_category_name(const std::string& name, const std::string& where);

/// Throws UserError(kBadInput) naming `where` for a category that cannot be a folder's name.
void check_folder_name(const std::string& name, const std::string& where);

}  // namespace preannotate
