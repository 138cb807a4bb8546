#include "preannotate/headers/tiff_directory.h"

#include <algorithm>

#include "preannotate/headers/byte_reader.h"

namespace preannotate::headers {
namespace {

constexpr std::uint32_t kMostEntries = 512;
constexpr std::uint32_t kMostStrips = 1u << 20;

enum Tag : std::uint32_t {
  kWidth = 256,
  kHeight = 257,
  kBitsPerSample = 258,
  kCompression = 259,
  kPhotometric = 262,
  kStripOffsets = 273,
  kOrientation = 274,
  kStripByteCounts = 279,
  kTileOffsets = 324,
  kTileByteCounts = 325,
  kSampleFormat = 339,
};

/// One 12-byte entry of a directory.
struct Entry {
  std::uint32_t tag, type, count;
  std::uint64_t values;  // where they lie

  unsigned value_size() const { return type == 3 ? 2 : type == 4 ? 4 : type == 1 ? 1 : 0; }
};

std::uint32_t value(const ByteReader& reader, const Entry& entry, std::uint64_t index = 0) {
  const auto at = entry.values + index * entry.value_size();
  return entry.type == 3 ? reader.u16(at) : entry.type == 4 ? reader.u32(at) : reader.u8(at);
}

Entry entry_at(const ByteReader& reader, std::uint64_t at) {
  Entry entry{reader.u16(at), reader.u16(at + 2), reader.u32(at + 4), at + 8};
  if (std::uint64_t{entry.value_size()} * entry.count > 4) entry.values = reader.u32(at + 8);
  return entry;
}

void read_list(const ByteReader& reader, const Entry& entry, std::vector<std::uint64_t>& list) {
  const auto count = std::min(entry.count, kMostStrips);
  list.clear();
  for (std::uint32_t i = 0; i < count; ++i) list.push_back(value(reader, entry, i));
}

void take(const ByteReader& reader, const Entry& entry, TiffDirectory& directory) {
  if (entry.value_size() == 0 || entry.count == 0) return;
  if (!reader.has(entry.values, std::uint64_t{entry.value_size()} * entry.count)) {
    directory.complete = false;
    return;
  }
  const auto first = value(reader, entry);
  switch (entry.tag) {
    case kWidth:
      directory.width = first;
      break;
    case kHeight:
      directory.height = first;
      break;
    case kBitsPerSample:
      directory.bits_per_sample = static_cast<int>(first & 0xFFFF);
      break;
    case kSampleFormat:
      directory.sample_format = static_cast<int>(first & 0xFFFF);
      break;
    case kCompression:
      directory.compression = static_cast<int>(first & 0xFFFF);
      break;
    case kPhotometric:
      directory.photometric = static_cast<int>(first & 0xFFFF);
      break;
    case kOrientation:
      if (entry.type != 3) break;
      directory.orientation = first >= 1 && first <= 8 ? static_cast<int>(first) : 1;
      directory.orientation_values.push_back(entry.values);
      break;
    case kStripOffsets:
    case kTileOffsets:
      read_list(reader, entry, directory.data_offsets);
      break;
    case kStripByteCounts:
    case kTileByteCounts:
      read_list(reader, entry, directory.data_sizes);
      break;
    default:
      break;
  }
}

}  // namespace

std::optional<TiffDirectory> read_tiff_directory(std::string_view tiff) {
  const bool big_endian = tiff.starts_with("MM");
  if (!big_endian && !tiff.starts_with("II")) return std::nullopt;
  const ByteReader reader(tiff, big_endian);
  if (reader.u16(2) != 42 || !reader.has(4, 4)) return std::nullopt;

  TiffDirectory directory;
  const std::uint64_t start = reader.u32(4);
  const std::uint64_t entries = reader.u16(start);
  const std::uint64_t end = start + 2 + 12 * entries;
  directory.complete = reader.has(start, 2 + 12 * entries + 4);
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(entries, kMostEntries); ++i) {
    const auto at = start + 2 + 12 * i;
    if (!reader.has(at, 12)) break;
    take(reader, entry_at(reader, at), directory);
  }
  directory.more_frames = reader.u32(end) != 0;
  return directory;
}

}  // namespace preannotate::headers
