#include "checksum.h"

#include <zlib.h>

#include <cstdio>

#include "preannotate/core/error.h"
#include "preannotate/data/ledger.h"

namespace preannotate {
namespace {

constexpr std::string_view kChecksumKey = ",\"crc32\":\"";
constexpr size_t kChecksumDigits = 8;

std::string checksum(std::string_view text) {
  const auto crc =
      ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  char digits[kChecksumDigits + 1];
  std::snprintf(digits, sizeof digits, "%08lx", crc);
  return digits;
}

/// The checksum at the end of a line, or "".
std::string_view checksum_of(std::string_view line) {
  const size_t length = kChecksumKey.size() + kChecksumDigits + 2;
  if (line.size() < length) return {};
  const auto end = line.substr(line.size() - length);
  if (!end.starts_with(kChecksumKey) || !end.ends_with("\"}")) return {};
  return end.substr(kChecksumKey.size(), kChecksumDigits);
}

}  // namespace

std::string with_checksum(const std::string& open) {
  return open + std::string(kChecksumKey) + checksum(open) + "\"}";
}

bool fits_checksum(std::string_view line) {
  const auto said = checksum_of(line);
  if (said.empty()) return false;
  return said == checksum(line.substr(0, line.size() - said.size() - kChecksumKey.size() - 2));
}

void check_checksum(std::string_view line, const std::string& where) {
  while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  if (checksum_of(line).empty() || fits_checksum(line)) return;
  throw UserError(kBadInput, where,
                  ": does not fit its checksum (crc32): the line was damaged, or ",
                  "changed by hand; remove the field crc32 if the change is meant");
}

}  // namespace preannotate
