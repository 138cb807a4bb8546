#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace preannotate {

/// SHA-256 in lower-case hex, 64 digits.
std::string sha256(std::string_view bytes);
std::string sha256_of_file(const std::filesystem::path& path);  // streams; UserError(kBadInput)

}  // namespace preannotate
