#include <algorithm>
#include <string>

#include "frame_header.h"
#include "jpeg.h"
#include "jpeg_errors.h"
#include "preannotate/image/spare_bytes.h"

namespace preannotate::image {
namespace {

/// libjpeg's state for one file. The steps that can jump are apart from everything that has a
/// destructor: each is a function of plain data with a setjmp of its own.
struct Decompressor {
  JpegErrors errors;
  jpeg_decompress_struct info{};

  Decompressor() {
    set_up_errors(errors);
    info.err = &errors.base;
  }
  ~Decompressor() { jpeg_destroy_decompress(&info); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
};

bool read_header(Decompressor& jpeg, const unsigned char* bytes, unsigned long size) {
  if (setjmp(jpeg.errors.jump)) return false;
  jpeg_create_decompress(&jpeg.info);
  limit_scans(&jpeg.info, jpeg.errors);
  jpeg_mem_src(&jpeg.info, bytes, size);
  return jpeg_read_header(&jpeg.info, TRUE) == JPEG_HEADER_OK;
}

bool start(Decompressor& jpeg) {
  if (setjmp(jpeg.errors.jump)) return false;
  return jpeg_start_decompress(&jpeg.info);
}

/// Rows of `stride` bytes; false when it stopped inside.
bool read_rows(Decompressor& jpeg, unsigned char* pixels, size_t stride) {
  if (setjmp(jpeg.errors.jump)) return false;
  while (jpeg.info.output_scanline < jpeg.info.output_height) {
    JSAMPROW row = pixels + stride * jpeg.info.output_scanline;
    jpeg_read_scanlines(&jpeg.info, &row, 1);
  }
  return true;
}

bool finish(Decompressor& jpeg) {
  if (setjmp(jpeg.errors.jump)) return false;
  return jpeg_finish_decompress(&jpeg.info);
}

/// Whether each component has had all its scans, to the last bit.
bool every_coefficient_came(const jpeg_decompress_struct& info) {
  for (int c = 0; c < info.num_components; ++c) {
    if (!info.comp_info[c].quant_table) return false;  // latched by the component's first scan
    if (!info.progressive_mode) continue;
    const auto* bits = info.coef_bits[c];
    if (std::any_of(bits, bits + DCTSIZE2, [](int missing) { return missing != 0; })) return false;
  }
  return true;
}

/// The largest of 8, 4, 2, 1 that leaves the short side at `min_side` or more.
unsigned shrink_factor(unsigned short_side, int min_side) {
  if (min_side <= 0) return 1;
  for (const unsigned factor : {8u, 4u, 2u}) {
    if (short_side / factor >= static_cast<unsigned>(min_side)) return factor;
  }
  return 1;
}

/// Adobe writes ink amounts inverted, so 255 is no ink. Without Adobe's marker 255 is full ink.
void cmyk_to_rgb(const unsigned char* cmyk, size_t pixels, bool inverted, std::uint8_t* rgb) {
  for (size_t i = 0; i < pixels; ++i, cmyk += 4, rgb += 3) {
    const int light = inverted ? cmyk[3] : 255 - cmyk[3];
    for (int c = 0; c < 3; ++c) {
      rgb[c] =
          static_cast<std::uint8_t>(((inverted ? cmyk[c] : 255 - cmyk[c]) * light + 127) / 255);
    }
  }
}

ImageError corrupt(const JpegErrors& errors) {
  return {"corrupt_data", std::string("the JPEG is damaged: ") + errors.message};
}

ImageError truncated(const Decompressor& jpeg) {
  if (jpeg.info.progressive_mode || jpeg.info.output_height == 0) {
    return {"truncated", "the JPEG ends early, in its scan " +
                             std::to_string(std::max(jpeg.errors.first_bad_scan, 1))};
  }
  const auto percent = 100ull * jpeg.errors.first_bad_row / jpeg.info.output_height;
  return {"truncated", "the JPEG ends early, after " + std::to_string(percent) + " % of its rows"};
}

/// libjpeg turned back with an error.
ImageError failure(const Decompressor& jpeg) {
  return jpeg.errors.ended_early ? truncated(jpeg) : corrupt(jpeg.errors);
}

/// Throws for damage; the code of what may be used all the same, or "".
std::string verdict(const Decompressor& jpeg, bool coefficients_whole) {
  const auto& errors = jpeg.errors;
  if (errors.ended_early) {
    if (errors.data_missing || errors.damaged || !coefficients_whole) throw truncated(jpeg);
    return "missing_eoi";
  }
  if (errors.data_missing || errors.damaged) throw corrupt(errors);
  // Some cameras pad their scans with a byte or two; after flipped bits more is left over.
  constexpr long kPadding = 4;
  if (errors.extraneous_bytes > kPadding) throw corrupt(errors);
  return errors.extraneous_bytes > 0 ? "extraneous_bytes" : "";
}

/// Decodes the started picture's rows into `image.picture`.
bool read_picture(Decompressor& jpeg, DecodedImage& image) {
  auto& info = jpeg.info;
  auto& picture = image.picture;
  picture.width = static_cast<int>(info.output_width);
  picture.height = static_cast<int>(info.output_height);
  const size_t pixels = size_t{info.output_width} * info.output_height;
  picture.rgb = spare_bytes(pixels * 3);
  if (info.out_color_space != JCS_CMYK) {
    return read_rows(jpeg, picture.rgb.data(), size_t{info.output_width} * 3);
  }
  std::vector<unsigned char> cmyk(pixels * 4);
  if (!read_rows(jpeg, cmyk.data(), size_t{info.output_width} * 4)) return false;
  cmyk_to_rgb(cmyk.data(), pixels, info.saw_Adobe_marker, picture.rgb.data());
  image.warning = "cmyk_converted";
  return true;
}

}  // namespace

DecodedImage decode_jpeg(std::string_view bytes, const DecodeOptions& options) {
  Decompressor jpeg;
  if (!read_header(jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size())) {
    throw failure(jpeg);
  }
  auto& info = jpeg.info;
  DecodedImage image;
  check_frame(info.image_width, info.image_height, options);
  image.width = static_cast<int>(info.image_width);
  image.height = static_cast<int>(info.image_height);

  const bool inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = shrink_factor(std::min(info.image_width, info.image_height), options.min_side);
  if (!start(jpeg) || !read_picture(jpeg, image)) throw failure(jpeg);

  const bool whole = every_coefficient_came(info);  // before finish() frees the tables
  if (!finish(jpeg)) throw failure(jpeg);
  const auto warning = verdict(jpeg, whole);
  if (!warning.empty()) image.warning = warning;
  return image;
}

}  // namespace preannotate::image
