#include "preannotate/image/decode.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>

#include "frame_header.h"
#include "jpeg.h"
#include "pixels.h"
#include "preannotate/headers/container.h"
#include "preannotate/headers/exif.h"
#include "preannotate/headers/tiff_directory.h"
#include "resize.h"

namespace preannotate {
namespace {

using headers::Container;
using image::FrameHeader;

/// OpenCV turns TIFFs by their orientation whatever it is asked, so it gets a copy that has none.
std::string without_orientation(std::string_view tiff) {
  std::string copy(tiff);
  const auto directory = headers::read_tiff_directory(tiff);
  const bool big_endian = tiff.starts_with("MM");
  for (const auto at : directory->orientation_values) {
    copy[at] = big_endian ? 0 : 1;
    copy[at + 1] = big_endian ? 1 : 0;
  }
  return copy;
}

/// As stored: every channel, no EXIF.
cv::Mat decode_with_opencv(std::string_view bytes) {
  const cv::Mat input(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  cv::Mat decoded;
  try {
    decoded = cv::imdecode(input, cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    throw ImageError("corrupt_data", "it does not decode: " + error.err);
  }
  if (decoded.empty())
    throw ImageError("corrupt_data", "its pixels are damaged: they do not decode");
  return decoded;
}

FrameHeader check(Container container, std::string_view bytes) {
  switch (container) {
    case Container::kPng:
      return image::check_png(bytes);
    case Container::kWebp:
      return image::check_webp(bytes);
    case Container::kBmp:
      return image::check_bmp(bytes);
    default:
      return image::check_tiff(bytes);
  }
}

DecodedImage decode_other(Container container, std::string_view bytes,
                          const DecodeOptions& options) {
  const auto header = check(container, bytes);
  image::check_frame(header.width, header.height, options);
  const auto decoded = container == Container::kTiff
                           ? decode_with_opencv(without_orientation(bytes))
                           : decode_with_opencv(bytes);
  if (decoded.cols != header.width || decoded.rows != header.height) {
    throw ImageError("bad_header", "its header says " + std::to_string(header.width) + " x " +
                                       std::to_string(header.height) + " pixels, its data " +
                                       std::to_string(decoded.cols) + " x " +
                                       std::to_string(decoded.rows));
  }
  DecodedImage image;
  image.warning = header.warning;
  image.picture = image::rgb_picture(decoded, image.warning);
  image.width = decoded.cols;
  image.height = decoded.rows;
  return image;
}

}  // namespace

DecodedImage decode_image(std::string_view bytes, const DecodeOptions& options) {
  if (bytes.empty()) throw ImageError("empty_file", "the file has 0 bytes");
  if (bytes.size() > options.max_file_bytes) {
    throw ImageError("file_too_large", "it has " + std::to_string(bytes.size()) +
                                           " bytes, above the limit of " +
                                           std::to_string(options.max_file_bytes));
  }
  const auto container = headers::container_of(bytes);
  if (container == Container::kUnknown || container == Container::kRefused) {
    const auto refusal = headers::refusal_of(bytes);
    throw ImageError(refusal.reason, refusal.detail);
  }
  auto image = container == Container::kJpeg ? image::decode_jpeg(bytes, options)
                                             : decode_other(container, bytes, options);
  image.orientation = exif_orientation(bytes);
  image::make_upright(image.picture, image.orientation);
  if (image.orientation >= 5) std::swap(image.width, image.height);
  return image;
}

Picture thumbnail(const Picture& picture, int side) {
  const int longest = std::max(picture.width, picture.height);
  if (longest <= side) return picture;
  const auto scaled = [&](int length) {
    return std::max(1, static_cast<int>(std::int64_t{length} * side / longest));
  };
  Picture small{scaled(picture.width), scaled(picture.height), {}};
  small.rgb.resize(size_t{3} * small.width * small.height);
  image::resize(picture, {0, 0, double(picture.width), double(picture.height)}, /*flip=*/false,
                {small.rgb.data(), small.width, small.height, std::int64_t{3} * small.width});
  return small;
}

}  // namespace preannotate
