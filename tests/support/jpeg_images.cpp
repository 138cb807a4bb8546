// clang-format off
#include <cstdio>  // jpeglib.h needs FILE
#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "support/images.h"

namespace preannotate::testing_support {
namespace {

bool has_four_inks(const JpegOptions& options) {
  return options.inks == JpegOptions::kCmyk || options.inks == JpegOptions::kAdobeCmyk ||
         options.inks == JpegOptions::kYcck;
}

/// [height, width, 4] with black as the common part of the other inks. Adobe stores 255 - ink.
std::vector<std::uint8_t> four_inks(const Picture& picture, bool inverted) {
  std::vector<std::uint8_t> inks;
  for (size_t i = 0; i + 2 < picture.rgb.size(); i += 3) {
    const auto* rgb = picture.rgb.data() + i;
    const int light = std::max({rgb[0], rgb[1], rgb[2], std::uint8_t{1}});
    for (int c = 0; c < 4; ++c) {
      const int ink = c == 3 ? 255 - light : 255 - rgb[c] * 255 / light;
      inks.push_back(static_cast<std::uint8_t>(inverted ? 255 - ink : ink));
    }
  }
  return inks;
}

void set_colours(jpeg_compress_struct& info, const JpegOptions& options) {
  const bool four = has_four_inks(options);
  info.input_components = four ? 4 : 3;
  info.in_color_space = four ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&info);
  if (options.inks == JpegOptions::kGrey) jpeg_set_colorspace(&info, JCS_GRAYSCALE);
  if (options.inks == JpegOptions::kYcck) jpeg_set_colorspace(&info, JCS_YCCK);
  if (options.inks == JpegOptions::kCmyk) info.write_Adobe_marker = FALSE;
  if (options.inks == JpegOptions::kAdobeCmyk) info.write_Adobe_marker = TRUE;
}

}  // namespace

std::string jpeg_bytes(const Picture& picture, const JpegOptions& options) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors;  // the default one: a mistake in a test picture may end the test
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = static_cast<JDIMENSION>(picture.width);
  info.image_height = static_cast<JDIMENSION>(picture.height);
  set_colours(info, options);
  jpeg_set_quality(&info, options.quality, TRUE);
  if (info.jpeg_color_space == JCS_YCbCr) {
    info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = options.chroma_divisor;
  }
  info.restart_in_rows = options.restart_rows;
  const jpeg_scan_info apart[] = {
      {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
  if (options.progressive) jpeg_simple_progression(&info);
  if (options.apart) info.scan_info = apart, info.num_scans = 3;

  jpeg_start_compress(&info, TRUE);
  const auto inks =
      has_four_inks(options) ? four_inks(picture, options.inks != JpegOptions::kCmyk) : picture.rgb;
  const size_t stride = size_t(info.input_components) * picture.width;
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPROW>(inks.data()) + stride * info.next_scanline;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string result(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return result;
}

}  // namespace preannotate::testing_support
