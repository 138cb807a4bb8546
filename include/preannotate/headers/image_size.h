#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace preannotate {

/// What an image file says of its size before it is decoded.
struct ImageSize {
  std::int64_t width = 0, height = 0;  // pixels of the upright frame, EXIF applied; above 0
  int orientation = 1;  // EXIF, 1-8: from 5 on the stored frame has its sides swapped

  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

/// From the header of JPEG, PNG, WebP, BMP or TIFF bytes; nullopt when there is none or it is
/// broken. Never throws; reads only inside `bytes`. A header says nothing about the pixels: the
/// file may be cut or damaged behind it.
std::optional<ImageSize> image_size(std::string_view bytes);

/// Of a file, of which no more is read than needed; nullopt also when it cannot be read.
std::optional<ImageSize> image_size_of(const std::filesystem::path& path);

}  // namespace preannotate
