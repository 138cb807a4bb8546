#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace preannotate {

struct CsvRow {
  size_t line = 0;  // where it starts, from 1
  std::vector<std::string> fields;
};

/// RFC 4180: quoted fields may hold commas, line ends and "" for a quote; rows end with CRLF, LF or
/// CR; empty lines are skipped; a UTF-8 byte order mark is accepted. Throws UserError(kBadInput)
/// with file:line for UTF-16, invalid UTF-8 and quotes out of place. `name` is the file's.
std::vector<CsvRow> parse_csv(std::string_view text, const std::filesystem::path& name);

/// As one field: quoted when it needs to be.
std::string csv_field(const std::string& text);

}  // namespace preannotate
