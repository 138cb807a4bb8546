#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace preannotate {

/// Something in a folder that is, or was meant to be, an image.
struct FoundImage {
  std::filesystem::path below;  // path below the scanned folder
  std::string reason;           // "" for an image, else code of the bad-input catalogue
  std::string detail;
};

/// All images below `root` (by extension; hidden entries are ignored), in no particular order, and
/// what could not be followed: outside_root, vanished, not_regular, permission. Links are followed,
/// each folder is visited once, under its own name where it has one below `root`. `excluded` is not
/// entered.
std::vector<FoundImage> scan_folder(const std::filesystem::path& root,
                                    const std::filesystem::path& excluded);

}  // namespace preannotate
