#pragma once

#include <string>
#include <string_view>

namespace preannotate {

/// Closes an object's text that lacks its last brace with the field crc32, of all before it.
std::string with_checksum(const std::string& open);

/// Throws UserError(kBadInput) naming `where` for a line whose checksum it does not fit. A line
/// that ends otherwise, say one written by a person, has none.
void check_checksum(std::string_view line, const std::string& where);

}  // namespace preannotate
