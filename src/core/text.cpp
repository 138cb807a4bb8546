#include "preannotate/core/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace preannotate {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

unsigned byte_at(std::string_view text, size_t i) {
  return static_cast<unsigned char>(text[i]);
}

/// Bytes of the well-formed UTF-8 sequence at `i`, 0 when there is none (also for overlong forms,
/// surrogates and code points above U+10FFFF).
size_t sequence_length(std::string_view text, size_t i) {
  const unsigned first = byte_at(text, i);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                        : (first & 0xF0) == 0xE0         ? 3
                        : first >= 0xF0 && first <= 0xF4 ? 4
                                                         : 0;
  if (length == 0 || i + length > text.size()) return 0;
  for (size_t k = 1; k < length; ++k) {
    if ((byte_at(text, i + k) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte_at(text, i + 1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

/// C0, DEL, and C1, which some terminals obey.
bool is_control(std::string_view text, size_t i, size_t length) {
  const unsigned first = byte_at(text, i);
  return first < 0x20 || first == 0x7F ||
         (length == 2 && first == 0xC2 && byte_at(text, i + 1) < 0xA0);
}

void append_hex(std::string& out, std::string_view prefix, unsigned byte) {
  out += prefix;
  out += kHexDigits[byte >> 4];
  out += kHexDigits[byte & 15];
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

/// Each "%XX" as its byte; any other '%' stays.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Invalid UTF-8, or text that percent-decoding, perhaps repeated, turns into it: the latter is
/// encoded too, so that no two names get the same encoding.
bool needs_encoding(std::string name) {
  while (is_valid_utf8(name)) {
    std::string decoded = percent_decoded(name);
    if (decoded.size() == name.size()) return false;
    name = std::move(decoded);
  }
  return true;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t length = sequence_length(text, i);
    const size_t taken = std::max<size_t>(length, 1);
    if (length == 0 || is_control(text, i, length)) {
      for (size_t k = 0; k < taken; ++k) append_hex(out, "\\x", byte_at(text, i + k));
    } else {
      out += text.substr(i, length);
    }
    i += taken;
  }
  return out;
}

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string utf8_path(const std::filesystem::path& path) {
  const std::string name = path.generic_string();
  if (!needs_encoding(name)) return name;
  std::string out;
  for (size_t i = 0; i < name.size();) {
    const size_t length = sequence_length(name, i);
    if (length == 0 || name[i] == '%') {
      append_hex(out, "%", byte_at(name, i));
      ++i;
    } else {
      out += name.substr(i, length);
      i += length;
    }
  }
  return out;
}

std::filesystem::path path_from_utf8(std::string_view key) {
  // Only what utf8_path() writes is decoded: "%2E%2E%2F%FF" names a file, not a way up.
  const std::filesystem::path decoded = percent_decoded(key);
  return utf8_path(decoded) == key ? decoded : std::filesystem::path(key);
}

bool is_valid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = sequence_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string nearest_name(std::string_view name, std::span<const std::string> known) {
  const size_t limit = std::max<size_t>(2, name.size() / 3);
  std::string best;
  size_t best_distance = limit + 1;
  for (const auto& candidate : known) {
    const size_t shorter = std::min(candidate.size(), name.size());
    if (std::max(candidate.size(), name.size()) - shorter > limit) continue;
    const size_t distance = edit_distance(name, candidate);
    // A name that shares no letter with what was typed is no suggestion.
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string join_names(std::span<const std::string> names, size_t limit) {
  std::string out;
  for (size_t i = 0; i < std::min(limit, names.size()); ++i) out += (i ? ", " : "") + names[i];
  if (names.size() > limit) out += " and " + human_count(names.size() - limit) + " more";
  return out;
}

bool parse_number(std::string_view text, double& value) {
  double parsed = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, parsed);
  if (error != std::errc() || stop != end || text.empty() || !std::isfinite(parsed)) return false;
  value = parsed;
  return true;
}

std::string human_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (size_t i = digits.size(); i > 3; i -= 3)
    digits.insert(digits.begin() + static_cast<std::ptrdiff_t>(i - 3), ',');
  return digits;
}

std::string human_bytes(double bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  while (bytes >= 999.95 && unit + 1 < std::size(kUnits)) {
    bytes /= 1000;
    ++unit;
  }
  char text[48];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return text;
}

std::string human_seconds(double seconds) {
  char text[64];
  if (seconds < 9.95) {
    std::snprintf(text, sizeof text, "%.1f s", seconds);
    return text;
  }
  const auto whole = static_cast<long long>(std::min(std::round(seconds), 1e15));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

}  // namespace preannotate
