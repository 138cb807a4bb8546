// The first bytes of an image: an orientation and a size in their ranges, nothing thrown.

#include "fuzz.h"
#include "preannotate/headers/container.h"
#include "preannotate/headers/exif.h"
#include "preannotate/headers/image_size.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  using namespace preannotate;
  using headers::Container;
  const auto bytes = fuzz::text_of(data, size);
  const int orientation = exif_orientation(bytes);
  fuzz::require(orientation >= 1 && orientation <= 8, "an orientation is from 1 to 8");
  const auto frame = image_size(bytes);
  fuzz::require(!frame || (frame->width > 0 && frame->height > 0), "a size is above 0");
  fuzz::require(!frame || frame->orientation == orientation, "a size is of the upright frame");
  const auto container = headers::container_of(bytes);
  if (container == Container::kUnknown || container == Container::kRefused) {
    fuzz::require(!frame, "only what can be read has a size");
    fuzz::require(!headers::refusal_of(bytes).reason.empty(), "a refusal has a reason");
  }
  return 0;
}
