#include "frame_header.h"

namespace preannotate::image {

void check_frame(std::int64_t width, std::int64_t height, const DecodeOptions& options) {
  const auto size = std::to_string(width) + " x " + std::to_string(height);
  if (width <= 0 || height <= 0) {
    throw ImageError("bad_header", "its header says " + size + " pixels");
  }
  if (width > options.max_pixels / height) {
    throw ImageError("too_many_pixels", "it has " + size + " pixels, above the limit of " +
                                            std::to_string(options.max_pixels));
  }
}

}  // namespace preannotate::image
