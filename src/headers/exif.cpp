#include "preannotate/headers/exif.h"

#include "preannotate/headers/byte_reader.h"
#include "preannotate/headers/container.h"
#include "preannotate/headers/tiff_directory.h"

namespace preannotate {
namespace {

using headers::ByteReader;
using headers::Container;

constexpr int kMostSegments = 1000;  // of a file, looked at before giving up

int from_tiff(std::string_view tiff) {
  const auto directory = headers::read_tiff_directory(tiff);
  return directory ? directory->orientation : 1;
}

int from_jpeg(std::string_view bytes) {
  const ByteReader reader(bytes);
  std::uint64_t at = 2;
  for (int i = 0; i < kMostSegments && reader.has(at, 4); ++i) {
    if (reader.u8(at) != 0xFF) return 1;
    const auto marker = reader.u8(at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0xDA || marker == 0xD9) return 1;  // the scan begins
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {
      at += 2;
      continue;
    }
    const auto length = reader.u16(at + 2);
    if (length < 2) return 1;
    constexpr std::string_view kExif("Exif\0\0", 6);
    if (marker == 0xE1 && length > 8 && reader.text(at + 4, 6) == kExif) {
      return from_tiff(reader.text(at + 10, length - 8));
    }
    at += 2 + length;
  }
  return 1;
}

int from_png(std::string_view bytes) {
  const ByteReader reader(bytes);
  std::uint64_t at = 8;
  for (int i = 0; i < kMostSegments && reader.has(at, 12); ++i) {
    const auto length = reader.u32(at);
    if (reader.text(at + 4, 4) == "eXIf") return from_tiff(reader.text(at + 8, length));
    at += std::uint64_t{12} + length;
  }
  return 1;
}

int from_webp(std::string_view bytes) {
  const ByteReader reader(bytes, /*big_endian=*/false);
  std::uint64_t at = 12;
  for (int i = 0; i < kMostSegments && reader.has(at, 8); ++i) {
    const auto length = reader.u32(at + 4);
    if (reader.text(at, 4) == "EXIF") {
      auto block = reader.text(at + 8, length);
      constexpr std::string_view kExif("Exif\0\0", 6);
      if (block.starts_with(kExif)) block.remove_prefix(kExif.size());  // some writers keep it
      return from_tiff(block);
    }
    at += std::uint64_t{8} + length + length % 2;
  }
  return 1;
}

}  // namespace

int exif_orientation(std::string_view bytes) {
  switch (headers::container_of(bytes)) {
    case Container::kJpeg:
      return from_jpeg(bytes);
    case Container::kPng:
      return from_png(bytes);
    case Container::kWebp:
      return from_webp(bytes);
    case Container::kTiff:
      return from_tiff(bytes);
    default:
      return 1;
  }
}

}  // namespace preannotate
