#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace preannotate {

/// An upright RGB picture.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  // [height, width, 3], 0-255
};

/// What a file held. `picture` may be smaller than the file's frame when scaled decoding was
/// allowed; width and height are always those of the full upright frame.
struct DecodedImage {
  Picture picture;
  int width = 0, height = 0;  // full upright frame, pixels
  int orientation = 1;        // EXIF value applied, 1-8
  std::string warning;  // code of a catalogue row that is used all the same, or "": missing_eoi,
                        // extraneous_bytes, cmyk_converted, alpha_blended, scaled_16_bit,
                        // first_frame
};

/// One image cannot be used. reason(): code of the bad-input catalogue (empty_file, not_an_image,
/// truncated, corrupt_data, unsupported_format, unsupported_depth, bad_header, too_many_pixels,
/// file_too_large, animated_unsupported, format_not_enabled); what(): the sentence.
class ImageError : public std::runtime_error {
 public:
  ImageError(std::string reason, const std::string& sentence)
      : std::runtime_error(sentence), reason_(std::move(reason)) {}
  const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

struct DecodeOptions {
  std::int64_t max_pixels = 200'000'000;  // checked from the header, before decoding
  std::uint64_t max_file_bytes = 1ull << 30;
  int min_side = 0;  // > 0: a JPEG may be decoded at 1/2, 1/4 or 1/8 while its short side stays at
                     // or above this
};

/// For an image that was decoded before, within the limits that count.
inline DecodeOptions without_limits() {
  return {.max_pixels = std::int64_t{1} << 60, .max_file_bytes = std::uint64_t{1} << 60};
}

/// Decodes JPEG (libjpeg-turbo, so that truncation is seen), PNG, WebP, BMP and TIFF, chosen by
/// content, never by name. Grey, palette and 16-bit become 8-bit RGB, alpha is blended on white,
/// CMYK is converted, EXIF orientation is applied for every container. Throws ImageError.
DecodedImage decode_image(std::string_view bytes, const DecodeOptions& options = {});

/// The file's size is checked before it is read; a path that is no regular file is not opened.
/// Throws ImageError (also vanished, permission, not_regular, unreadable, changed_during_run).
/// `memory`: of a string that is done with, to be the result's.
std::string read_image_file(const std::string& path, const DecodeOptions& options = {},
                            std::string memory = {});

/// Asks the system to fetch a file that will be read soon; does not wait, never fails.
void read_ahead(const std::string& path);

/// JPEG bytes of `picture`, for thumbnails in reports. quality in [1, 100].
std::string encode_jpeg(const Picture& picture, int quality);

/// `picture` scaled to fit into side x side, never enlarged.
Picture thumbnail(const Picture& picture, int side);

}  // namespace preannotate
