#include "frame_header.h"
#include "preannotate/headers/byte_reader.h"

namespace preannotate::image {

using headers::ByteReader;

FrameHeader check_png(std::string_view bytes) {
  const ByteReader reader(bytes);
  if (!reader.has(8, 25)) throw ImageError("truncated", "the PNG ends inside its header");
  if (reader.u32(8) != 13 || reader.text(12, 4) != "IHDR") {
    throw ImageError("bad_header", "the PNG does not begin with an IHDR chunk");
  }
  FrameHeader header;
  header.width = reader.u32(16);
  header.height = reader.u32(20);

  // Checksums are libpng's business; here only that every chunk is whole and the last is IEND.
  for (std::uint64_t at = 8; reader.has(at, 12);) {
    const std::uint64_t next = at + 12 + reader.u32(at);
    if (next > bytes.size()) break;
    const auto type = reader.text(at + 4, 4);
    if (type == "IEND") return header;
    if (type == "acTL" && reader.u32(at + 8) > 1) header.warning = "first_frame";
    at = next;
  }
  throw ImageError("truncated", "the PNG ends before its IEND chunk");
}

}  // namespace preannotate::image
