#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preannotate {

/// Control characters (newline, ESC, ...) and invalid UTF-8 as \xNN, everything else as it is.
std::string printable(std::string_view text);

/// For element content and quoted attributes: & < > " ' and what printable() escapes.
std::string html_escape(std::string_view text);

/// The path with '/' separators as UTF-8; bytes that are not valid UTF-8, and '%', only in names
/// that hold such bytes (or read as such a name's encoding), are percent-encoded, so that it can
/// stand in JSON. No two paths get the same text.
std::string utf8_path(const std::filesystem::path& path);

/// Undoes utf8_path(); text that utf8_path() does not write stands for itself.
std::filesystem::path path_from_utf8(std::string_view key);

bool is_valid_utf8(std::string_view text);

/// The known name closest to `name` by edit distance, or "" when none is within a third of its
/// length (at least 2).
std::string nearest_name(std::string_view name, std::span<const std::string> known);

/// "a, b, c"; with more than `limit` names the rest is "and 12 more".
std::string join_names(std::span<const std::string> names, size_t limit = 20);

/// The whole of `text` as a finite number with '.' as decimal point; false otherwise ("0,5",
/// "nan", "1x", "").
bool parse_number(std::string_view text, double& value);

/// 1050 -> "1,050"; 12345678 -> "12.3 MB"; seconds -> "0.4 s", "41 s", "3 min 20 s", "2 h 5 min".
std::string human_count(std::uint64_t count);
std::string human_bytes(double bytes);
std::string human_seconds(double seconds);

}  // namespace preannotate
