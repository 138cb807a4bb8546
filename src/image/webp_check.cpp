#include "frame_header.h"
#include "preannotate/headers/byte_reader.h"

namespace preannotate::image {
namespace {

using headers::ByteReader;

constexpr bool kLittleEndian = false;

/// Size of the frame in a VP8 (lossy), VP8L (lossless) or VP8X (extended) chunk at `at`.
void read_size(const ByteReader& reader, std::uint64_t at, FrameHeader& header) {
  const auto type = reader.text(at, 4);
  const auto data = at + 8;
  if (type == "VP8X") {
    header.width = std::int64_t{reader.u24(data + 4)} + 1;
    header.height = std::int64_t{reader.u24(data + 7)} + 1;
  } else if (type == "VP8L" && reader.u8(data) == 0x2F) {
    const auto bits = reader.u32(data + 1);
    header.width = (bits & 0x3FFF) + 1;
    header.height = (bits >> 14 & 0x3FFF) + 1;
  } else if (type == "VP8 " && reader.text(data + 3, 3) == "\x9D\x01\x2A") {
    header.width = reader.u16(data + 6) & 0x3FFF;
    header.height = reader.u16(data + 8) & 0x3FFF;
  } else {
    throw ImageError("bad_header", "the WebP has no readable VP8, VP8L or VP8X chunk");
  }
}

}  // namespace

FrameHeader check_webp(std::string_view bytes) {
  const ByteReader reader(bytes, kLittleEndian);
  if (!reader.has(0, 30)) throw ImageError("truncated", "the WebP ends inside its header");
  const std::uint64_t said = std::uint64_t{8} + reader.u32(4);
  if (said > bytes.size()) {
    throw ImageError("truncated", "the WebP has " + std::to_string(bytes.size()) + " of its " +
                                      std::to_string(said) + " bytes");
  }
  FrameHeader header;
  read_size(reader, 12, header);
  constexpr std::uint32_t kAnimation = 2;
  if (reader.text(12, 4) == "VP8X" && (reader.u8(20) & kAnimation)) {
    throw ImageError("animated_unsupported", "animated WebP is not read; extract its frames first");
  }
  return header;
}

}  // namespace preannotate::image
