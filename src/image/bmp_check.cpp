#include <cstdlib>

#include "frame_header.h"
#include "preannotate/headers/byte_reader.h"

namespace preannotate::image {

using headers::ByteReader;

FrameHeader check_bmp(std::string_view bytes) {
  const ByteReader reader(bytes, /*big_endian=*/false);
  if (!reader.has(0, 26)) throw ImageError("truncated", "the BMP ends inside its header");
  const std::uint64_t header_size = reader.u32(14);
  if (!reader.has(14, header_size)) {
    throw ImageError("truncated", "the BMP ends inside its header");
  }
  const bool old = header_size == 12;
  FrameHeader header;
  header.width = old ? reader.u16(18) : static_cast<std::int32_t>(reader.u32(18));
  // Negative: rows run from the top down.
  header.height = std::llabs(old ? std::int64_t{reader.u16(20)}
                                 : std::int64_t{static_cast<std::int32_t>(reader.u32(22))});

  const std::uint64_t bits_per_pixel = old ? reader.u16(24) : reader.u16(28);
  if (bits_per_pixel == 0 || bits_per_pixel > 32) {
    throw ImageError("bad_header",
                     "the BMP says " + std::to_string(bits_per_pixel) + " bits a pixel");
  }
  const auto compression = old ? 0 : reader.u32(30);
  constexpr std::uint32_t kNone = 0, kBitFields = 3;
  if (header.width > 0 && header.height > 0 &&
      (compression == kNone || compression == kBitFields)) {
    const std::uint64_t row = (header.width * bits_per_pixel + 31) / 32 * 4;
    const std::uint64_t begin = reader.u32(10);
    const std::uint64_t there = bytes.size() > begin ? bytes.size() - begin : 0;
    if (there / row < static_cast<std::uint64_t>(header.height)) {
      throw ImageError("truncated", "the BMP ends after " + std::to_string(there / row) + " of " +
                                        std::to_string(header.height) + " rows");
    }
  }
  return header;
}

}  // namespace preannotate::image
