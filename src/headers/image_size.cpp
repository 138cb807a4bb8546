#include "preannotate/headers/image_size.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "preannotate/headers/byte_reader.h"
#include "preannotate/headers/container.h"
#include "preannotate/headers/exif.h"
#include "preannotate/headers/tiff_directory.h"

namespace preannotate {
namespace {

using headers::ByteReader;
using headers::Container;

constexpr int kMostSegments = 1000;           // of a JPEG, looked at before giving up
constexpr size_t kFirstBytes = 1 << 18;       // hold the header of nearly every file
constexpr off_t kMostBytes = off_t{1} << 30;  // of a file whose header lies further back

struct Stored {
  std::int64_t width = 0, height = 0;
};

/// The frame header: SOF0 to SOF15, but for DHT, JPG and DAC, which lie among them.
bool is_frame_marker(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

Stored of_jpeg(std::string_view bytes) {
  const ByteReader reader(bytes);
  std::uint64_t at = 2;
  for (int i = 0; i < kMostSegments && reader.has(at, 4) && reader.u8(at) == 0xFF; ++i) {
    const auto marker = reader.u8(at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
    } else if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {  // without a length
      at += 2;
    } else if (is_frame_marker(marker)) {
      return {reader.u16(at + 7), reader.u16(at + 5)};
    } else if (marker == 0xDA || marker == 0xD9 || reader.u16(at + 2) < 2) {
      return {};
    } else {
      at += 2 + reader.u16(at + 2);
    }
  }
  return {};
}

Stored of_png(std::string_view bytes) {
  const ByteReader reader(bytes);
  if (reader.text(12, 4) != "IHDR") return {};
  return {reader.u32(16), reader.u32(20)};
}

Stored of_webp(std::string_view bytes) {
  const ByteReader reader(bytes, /*big_endian=*/false);
  const auto type = reader.text(12, 4);
  if (!reader.has(0, 30)) return {};
  if (type == "VP8X") {
    return {std::int64_t{reader.u24(24)} + 1, std::int64_t{reader.u24(27)} + 1};
  }
  if (type == "VP8L") {
    const auto bits = reader.u32(21);
    return {(bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
  }
  if (type == "VP8 ") return {reader.u16(26) & 0x3FFF, reader.u16(28) & 0x3FFF};
  return {};
}

Stored of_bmp(std::string_view bytes) {
  const ByteReader reader(bytes, /*big_endian=*/false);
  if (reader.u32(14) == 12) return {reader.u16(18), reader.u16(20)};
  // A height below 0: rows run from the top down.
  return {static_cast<std::int32_t>(reader.u32(18)),
          std::llabs(std::int64_t{static_cast<std::int32_t>(reader.u32(22))})};
}

Stored of_tiff(std::string_view bytes) {
  const auto directory = headers::read_tiff_directory(bytes);
  if (!directory) return {};
  return {directory->width, directory->height};
}

Stored stored_frame(std::string_view bytes) {
  switch (headers::container_of(bytes)) {
    case Container::kJpeg:
      return of_jpeg(bytes);
    case Container::kPng:
      return of_png(bytes);
    case Container::kWebp:
      return of_webp(bytes);
    case Container::kBmp:
      return of_bmp(bytes);
    case Container::kTiff:
      return of_tiff(bytes);
    default:
      return {};
  }
}

/// At most `count` bytes from the start.
std::string first_bytes(int file, size_t count) {
  std::string bytes(count, '\0');
  size_t filled = 0;
  while (filled < count) {
    const ssize_t got = ::pread(file, bytes.data() + filled, count - filled, off_t(filled));
    if (got <= 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

/// A TIFF's directory and the EXIF of a PNG or WebP may stand behind the pixels.
bool may_stand_at_the_end(std::string_view bytes) {
  const auto container = headers::container_of(bytes);
  return container == Container::kTiff || container == Container::kPng ||
         container == Container::kWebp;
}

}  // namespace

std::optional<ImageSize> image_size(std::string_view bytes) {
  const auto stored = stored_frame(bytes);
  if (stored.width <= 0 || stored.height <= 0) return std::nullopt;
  ImageSize size{stored.width, stored.height, exif_orientation(bytes)};
  if (size.orientation >= 5) std::swap(size.width, size.height);
  return size;
}

std::optional<ImageSize> image_size_of(const std::filesystem::path& path) {
  // Not blocking: it may be a named pipe.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  std::optional<ImageSize> size;
  struct stat status {};
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= kMostBytes) {
    const auto all = static_cast<size_t>(status.st_size);
    auto bytes = first_bytes(file, std::min(all, kFirstBytes));
    size = image_size(bytes);
    if (all > bytes.size() && (!size || may_stand_at_the_end(bytes))) {
      bytes = first_bytes(file, all);
      size = image_size(bytes);
    }
  }
  ::close(file);
  return size;
}

}  // namespace preannotate
