#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "preannotate/image/decode.h"

namespace preannotate::image {

/// What a header says before anything is decoded.
struct FrameHeader {
  std::int64_t width = 0, height = 0;  // stored frame, before EXIF
  std::string warning;                 // "first_frame" when the file holds more, or ""
};

/// Reads the header and walks the file's structure. Throws ImageError: bad_header, truncated (the
/// structure points past the end), animated_unsupported, unsupported_depth, corrupt_data.
FrameHeader check_png(std::string_view bytes);
FrameHeader check_webp(std::string_view bytes);
FrameHeader check_bmp(std::string_view bytes);
FrameHeader check_tiff(std::string_view bytes);

/// Throws ImageError(bad_header) for an empty frame, (too_many_pixels) above the limit.
void check_frame(std::int64_t width, std::int64_t height, const DecodeOptions& options);

}  // namespace preannotate::image
