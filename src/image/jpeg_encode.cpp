#include <cstdlib>
#include <stdexcept>

#include "jpeg_errors.h"
#include "preannotate/image/decode.h"

namespace preannotate {
namespace {

using image::JpegErrors;

/// libjpeg's output, from malloc.
struct Output {
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  ~Output() { std::free(bytes); }
};

bool write(jpeg_compress_struct& info, JpegErrors& errors, Output& output, const Picture& picture,
           int quality) {
  if (setjmp(errors.jump)) return false;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &output.bytes, &output.size);
  info.image_width = static_cast<JDIMENSION>(picture.width);
  info.image_height = static_cast<JDIMENSION>(picture.height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row =
        const_cast<JSAMPROW>(picture.rgb.data()) + size_t{3} * picture.width * info.next_scanline;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

std::string encode_jpeg(const Picture& picture, int quality) {
  JpegErrors errors;
  image::set_up_errors(errors);
  jpeg_compress_struct info{};
  info.err = &errors.base;
  Output output;
  const bool written = write(info, errors, output, picture, quality);
  jpeg_destroy_compress(&info);
  if (!written) throw std::runtime_error(std::string("cannot encode a JPEG: ") + errors.message);
  return {reinterpret_cast<const char*>(output.bytes), output.size};
}

}  // namespace preannotate
