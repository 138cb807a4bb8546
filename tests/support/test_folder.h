#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace preannotate::testing_support {

/// An empty folder of the running test's own, named after it, below the system's temporary folder.
/// Emptied at each call.
std::filesystem::path test_folder();

/// Writes `bytes`, making parent folders.
void write_text(const std::filesystem::path& path, std::string_view bytes);

std::string read_text(const std::filesystem::path& path);

}  // namespace preannotate::testing_support
