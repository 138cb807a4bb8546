#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "preannotate/image/decode.h"

namespace preannotate::testing_support {

/// A smooth colour picture whose corners tell each other apart: a red block top left, green top
/// right, blue bottom left, white bottom right, each a quarter of the short side.
Picture corner_picture(int width, int height);

/// The four corners of `picture` from the top left, row by row, as "RGBW" when upright.
std::string corners(const Picture& picture);

/// Mean absolute difference of all samples; 255 when the sizes differ.
double difference(const Picture& a, const Picture& b);

struct JpegOptions {
  int quality = 90;
  bool progressive = false;
  bool apart = false;      // one scan for each component
  int chroma_divisor = 2;  // 1: 4:4:4, 2: 4:2:0
  int restart_rows = 0;    // a restart marker after so many rows of blocks
  enum { kColour, kGrey, kCmyk, kAdobeCmyk, kYcck } inks = kColour;
};
std::string jpeg_bytes(const Picture& picture, const JpegOptions& options = {});
std::string png_bytes(const Picture& picture);
std::string webp_bytes(const Picture& picture, int quality = 95);  // above 100: lossless
std::string bmp_bytes(const Picture& picture);
std::string tiff_bytes(const Picture& picture, int compression = 1);  // 1 none, 5 LZW, 8 deflate

/// PNG or TIFF (by `extension`) of samples as they are: [height, width, channels], RGB(A) order.
std::string encode_samples(const std::string& extension, int width, int height, int channels,
                           const std::vector<std::uint8_t>& samples);
std::string encode_samples(const std::string& extension, int width, int height, int channels,
                           const std::vector<std::uint16_t>& samples);
std::string encode_samples(const std::string& extension, int width, int height, int channels,
                           const std::vector<float>& samples);

/// An EXIF block (a TIFF of one directory) that says `orientation`.
std::string exif_block(int orientation, bool big_endian = false);

/// `bytes` of a JPEG, PNG, WebP or TIFF with the block or the orientation added.
std::string with_exif(std::string_view bytes, std::string_view block);
std::string with_orientation(std::string_view bytes, int orientation);

/// A PNG chunk with its checksum.
std::string png_chunk(std::string_view type, std::string_view data);

}  // namespace preannotate::testing_support
