#include <stdexcept>
#include <utility>

#include "support/images.h"

namespace preannotate::testing_support {
namespace {

using std::string_literals::operator""s;

std::string number(std::uint32_t value, int count, bool big_endian) {
  std::string bytes(count, '\0');
  for (int i = 0; i < count; ++i) {
    bytes[i] = static_cast<char>(value >> 8 * (big_endian ? count - 1 - i : i));
  }
  return bytes;
}

std::uint32_t little(std::string_view bytes, size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) {
    value |= std::uint32_t{static_cast<std::uint8_t>(bytes[at + i])} << 8 * i;
  }
  return value;
}

std::uint32_t checksum(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

std::string orientation_entry(int orientation, bool big_endian) {
  return number(274, 2, big_endian) + number(3, 2, big_endian) + number(1, 4, big_endian) +
         number(static_cast<std::uint32_t>(orientation), 2, big_endian) + "\0\0"s;
}

std::string webp_chunk(std::string_view type, std::string_view data) {
  auto chunk = std::string(type) + number(static_cast<std::uint32_t>(data.size()), 4, false);
  chunk += data;
  if (data.size() % 2) chunk += '\0';
  return chunk;
}

/// A plain WebP becomes an extended one with its picture and an EXIF chunk.
std::string webp_with_exif(std::string_view bytes, std::string_view block) {
  const auto type = bytes.substr(12, 4);
  std::uint32_t width, height;
  if (type == "VP8L") {
    const auto bits = little(bytes, 21, 4);
    width = bits & 0x3FFF, height = bits >> 14 & 0x3FFF;
  } else if (type == "VP8 ") {
    width = little(bytes, 26, 2) - 1, height = little(bytes, 28, 2) - 1;
  } else {
    throw std::runtime_error("the test WebP has an extended header already");
  }
  const auto canvas = "\x08\0\0\0"s + number(width, 3, false) + number(height, 3, false);
  const auto body = "WEBP" + webp_chunk("VP8X", canvas) + std::string(bytes.substr(12)) +
                    webp_chunk("EXIF", block);
  return "RIFF" + number(static_cast<std::uint32_t>(body.size()), 4, false) + body;
}

/// The directory moves to the end, where there is room for one more entry.
std::string tiff_with_orientation(std::string_view bytes, int orientation) {
  const auto start = little(bytes, 4, 4), count = little(bytes, start, 2);
  std::string entries, added = orientation_entry(orientation, false);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto entry = bytes.substr(start + 2 + 12 * i, 12);
    const auto tag = little(entry, 0, 2);
    if (tag == 274) continue;
    if (tag > 274) entries += std::exchange(added, "");
    entries += entry;
  }
  entries += added;
  std::string result(bytes);
  if (result.size() % 2) result += '\0';
  const auto moved = number(static_cast<std::uint32_t>(result.size()), 4, false);
  result +=
      number(static_cast<std::uint32_t>(entries.size() / 12), 2, false) + entries + "\0\0\0\0"s;
  return result.replace(4, 4, moved);
}

}  // namespace

std::string png_chunk(std::string_view type, std::string_view data) {
  auto named = std::string(type);
  named += data;
  return number(static_cast<std::uint32_t>(data.size()), 4, true) + named +
         number(checksum(named), 4, true);
}

std::string exif_block(int orientation, bool big_endian) {
  return (big_endian ? "MM\0*\0\0\0\x08"s : "II*\0\x08\0\0\0"s) + number(1, 2, big_endian) +
         orientation_entry(orientation, big_endian) + "\0\0\0\0"s;
}

std::string with_exif(std::string_view bytes, std::string_view block) {
  std::string result(bytes);
  if (bytes.starts_with("\xFF\xD8")) {
    const auto length = number(static_cast<std::uint32_t>(block.size() + 8), 2, true);
    return result.insert(2, "\xFF\xE1" + length + "Exif\0\0"s + std::string(block));
  }
  if (bytes.starts_with("\x89PNG")) return result.insert(33, png_chunk("eXIf", block));
  if (bytes.starts_with("RIFF")) return webp_with_exif(bytes, block);
  throw std::runtime_error("no EXIF block goes into this test picture");
}

std::string with_orientation(std::string_view bytes, int orientation) {
  return bytes.starts_with("II*") ? tiff_with_orientation(bytes, orientation)
                                  : with_exif(bytes, exif_block(orientation));
}

}  // namespace preannotate::testing_support
