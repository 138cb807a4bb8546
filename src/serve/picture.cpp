#include "preannotate/serve/picture.h"

#include "preannotate/core/hash.h"
#include "preannotate/core/text.h"
#include "preannotate/image/decode.h"

namespace preannotate {

namespace {

constexpr int kImageQuality = 92, kThumbnailQuality = 80;

std::string jpeg_of(const std::string& bytes, int side, int quality) {
  DecodeOptions options = without_limits();
  options.min_side = side;
  return encode_jpeg(thumbnail(decode_image(bytes, options).picture, side), quality);
}

}  // namespace

std::string Pictures::made(const PictureFile& file, int side, int quality) {
  const std::string name = "'" + file.image + "'";
  if (file.path.empty())
    throw PictureError(name + ": the drafts do not tell where it is; predict had several sources");
  decoders_.acquire();
  struct Release {
    std::counting_semaphore<2>& decoders;
    ~Release() { decoders.release(); }
  } const release{decoders_};
  try {
    const std::string bytes = read_image_file(file.path.string(), without_limits());
    if (sha256(bytes) != file.sha256)
      throw PictureError(name + " has changed since it was drafted; predict anew");
    return jpeg_of(bytes, side, quality);
  } catch (const ImageError& error) {
    throw PictureError(name + ": " + error.what());
  }
}

std::string Pictures::image(const PictureFile& file) {
  return made(file, kLongestSide, kImageQuality);
}

std::string Pictures::thumbnail(const PictureFile& file) {
  {
    const std::lock_guard lock(turn_);
    if (const auto place = place_.find(file.image); place != place_.end()) {
      kept_.splice(kept_.begin(), kept_, place->second);
      return kept_.front().jpeg;
    }
  }
  const std::string jpeg = made(file, kThumbnailSide, kThumbnailQuality);
  const std::lock_guard lock(turn_);
  if (place_.contains(file.image)) return jpeg;  // another thread was faster
  kept_.push_front({file.image, jpeg});
  place_[file.image] = kept_.begin();
  bytes_ += jpeg.size();
  for (; bytes_ > kKept; kept_.pop_back()) {
    bytes_ -= kept_.back().jpeg.size();
    place_.erase(kept_.back().image);
  }
  return jpeg;
}

}  // namespace preannotate
