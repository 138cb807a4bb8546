// The bytes of an image: a whole picture whose size its header told, or an ImageError.

#include "preannotate/image/decode.h"

#include "fuzz.h"
#include "preannotate/headers/image_size.h"

namespace preannotate::fuzz {
namespace {

// Small, so that an input is decoded in milliseconds.
constexpr DecodeOptions kLimits{.max_pixels = 1 << 18, .max_file_bytes = 1 << 20};

void test(std::string_view bytes, int min_side) {
  DecodeOptions options = kLimits;
  options.min_side = min_side;
  accepts<ImageError>([&] {
    const auto image = decode_image(bytes, options);
    const auto& picture = image.picture;
    require(picture.width > 0 && picture.height > 0, "a picture has pixels");
    require(picture.rgb.size() == size_t{3} * picture.width * picture.height,
            "a picture has all its pixels");
    require(picture.width <= image.width && picture.height <= image.height,
            "a picture is no larger than its file's frame");
    const auto told = image_size(bytes);  // none where a decoder skips what is broken
    require(!told || *told == ImageSize{image.width, image.height, image.orientation},
            "a header told the size and the orientation");
  });
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  const auto bytes = preannotate::fuzz::text_of(data, size);
  preannotate::fuzz::test(bytes, 0);
  preannotate::fuzz::test(bytes, 8);
  return 0;
}
