#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace preannotate::headers {

/// Reads numbers inside `bytes` only: an offset outside gives 0. Ask has() first where 0 would
/// mean something.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes, bool big_endian = true)
      : bytes_(bytes), big_endian_(big_endian) {}

  size_t size() const { return bytes_.size(); }
  bool has(std::uint64_t offset, std::uint64_t count) const {
    return offset <= bytes_.size() && count <= bytes_.size() - offset;
  }
  std::uint32_t u8(std::uint64_t offset) const { return number(offset, 1); }
  std::uint32_t u16(std::uint64_t offset) const { return number(offset, 2); }
  std::uint32_t u24(std::uint64_t offset) const { return number(offset, 3); }
  std::uint32_t u32(std::uint64_t offset) const { return number(offset, 4); }
  /// At most `count` bytes from `offset`; shorter or empty when they are not there.
  std::string_view text(std::uint64_t offset, std::uint64_t count) const {
    if (offset >= bytes_.size()) return {};
    return bytes_.substr(static_cast<size_t>(offset), static_cast<size_t>(count));
  }

 private:
  std::uint32_t number(std::uint64_t offset, unsigned count) const {
    if (!has(offset, count)) return 0;
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i) {
      const auto byte = static_cast<std::uint8_t>(bytes_[offset + i]);
      value |= std::uint32_t{byte} << 8 * (big_endian_ ? count - 1 - i : i);
    }
    return value;
  }

  std::string_view bytes_;
  bool big_endian_;
};

}  // namespace preannotate::headers
