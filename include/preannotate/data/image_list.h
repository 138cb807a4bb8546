#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

#include "preannotate/core/problems.h"

namespace preannotate {

/// One file that may be an image.
struct ImageFile {
  std::filesystem::path path;  // to open
  std::string image;           // key: path below its source with '/', utf8_path()
};

/// Looks like an image by extension (any case): jpg jpeg jpe png webp bmp tif tiff.
bool has_image_extension(const std::filesystem::path& path);

struct ImageSources {
  std::vector<std::filesystem::path> paths;  // folders (recursive) and files; "-" reads `list`
  std::istream* list = nullptr;  // one path a line (NUL-separated if it holds a NUL); CRLF accepted
  std::filesystem::path excluded;  // the output folder: never scanned
};

/// Every image file under the sources, sorted by key in byte order, each file once. Files found by
/// scanning count when they have an image extension and no hidden part (.name); files named by the
/// user always count. Of a folder source the key is the path below it; of a file it is its name;
/// when keys of several sources collide, every key is the path as given (never absolute or with
/// "..", so that it stays below any folder it is joined to). Symlinks inside are followed, loops
/// visited once, targets outside the source become problems (outside_root); broken links are
/// `vanished`, FIFOs and devices `not_regular`, unreadable folders `permission`: into `problems`
/// with the key as input; so is a missing file of the list (`vanished`). Throws UserError:
/// kUsageError for a source that does not exist, kBadInput "no images under X (looked for .jpg
/// ...)" when nothing at all was found.
std::vector<ImageFile> list_images(const ImageSources& sources, Problems& problems);

}  // namespace preannotate
