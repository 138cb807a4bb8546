#include <zlib.h>

#include <array>

#include "frame_header.h"
#include "preannotate/headers/byte_reader.h"
#include "preannotate/headers/tiff_directory.h"

namespace preannotate::image {
namespace {

using headers::ByteReader;
using headers::read_tiff_directory;
using headers::TiffDirectory;

/// libtiff notices damaged data, but OpenCV goes on without a word. Deflate carries a checksum.
bool deflate_is_intact(std::string_view strip) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(strip.data()));
  stream.avail_in = static_cast<uInt>(strip.size());
  std::array<Bytef, 1 << 15> scratch;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = scratch.data();
    stream.avail_out = static_cast<uInt>(scratch.size());
    status = inflate(&stream, Z_NO_FLUSH);
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END;
}

void check_data(std::string_view bytes, const TiffDirectory& directory) {
  const ByteReader reader(bytes);
  const auto parts = directory.data_offsets.size();
  if (parts == 0 || directory.data_sizes.size() != parts) {
    throw ImageError("bad_header", "the TIFF's directory does not say where its pixels are");
  }
  const bool deflate = directory.compression == 8 || directory.compression == 32946;
  for (size_t i = 0; i < parts; ++i) {
    const auto offset = directory.data_offsets[i], size = directory.data_sizes[i];
    if (!reader.has(offset, size)) {
      throw ImageError("truncated", "the TIFF ends after " + std::to_string(i) + " of " +
                                        std::to_string(parts) + " parts of its pixels");
    }
    if (deflate && !deflate_is_intact(reader.text(offset, size))) {
      throw ImageError("corrupt_data", "the TIFF's pixels are damaged: part " +
                                           std::to_string(i + 1) + " of " + std::to_string(parts) +
                                           " does not unpack");
    }
  }
}

}  // namespace

FrameHeader check_tiff(std::string_view bytes) {
  const auto directory = read_tiff_directory(bytes);
  if (!directory || !directory->complete) {
    throw ImageError("truncated",
                     "the TIFF ends inside its directory, or the directory is damaged");
  }
  constexpr int kUnsigned = 1, kUndefined = 4, kWhiteIsZero = 0;
  if (directory->bits_per_sample > 16 ||
      (directory->sample_format != kUnsigned && directory->sample_format != kUndefined)) {
    throw ImageError("unsupported_depth",
                     "the TIFF holds " + std::to_string(directory->bits_per_sample) + "-bit " +
                         (directory->sample_format == 3 ? "floating point" : "") +
                         " samples; 8-bit and 16-bit unsigned ones are read");
  }
  if (directory->bits_per_sample == 16 && directory->photometric == kWhiteIsZero) {
    throw ImageError("unsupported_format", "a 16-bit TIFF in which 0 is white is not read");
  }
  FrameHeader header{directory->width, directory->height,
                     directory->more_frames ? "first_frame" : ""};
  if (header.width > 0 && header.height > 0) check_data(bytes, *directory);
  return header;
}

}  // namespace preannotate::image
