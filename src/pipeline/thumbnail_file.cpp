#include "thumbnail_file.h"

namespace preannotate {

namespace {

constexpr int kSide = 160, kQuality = 80;

}  // namespace

std::string thumbnail_of_file(const std::filesystem::path& path, DecodeOptions limits) {
  limits.min_side = kSide;
  try {
    const auto decoded = decode_image(read_image_file(path.string(), limits), limits);
    return encode_jpeg(thumbnail(decoded.picture, kSide), kQuality);
  } catch (const ImageError&) {
    return "";
  }
}

}  // namespace preannotate
