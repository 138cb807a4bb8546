#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace preannotate {

/// By extension, in any case: has_extension("a.JSON", ".json").
bool has_extension(const std::filesystem::path& path, std::string_view extension);

bool is_hidden(const std::filesystem::path& path);

/// The start of a file without a UTF-8 byte order mark; "" when it cannot be read.
std::string first_bytes(const std::filesystem::path& file, size_t count);

/// Regular files of a folder (not of folders in it) with the extension, sorted; hidden ones do not
/// count. None when there is no such folder.
std::vector<std::filesystem::path> files_with(const std::filesystem::path& folder,
                                              std::string_view extension);

/// The file with the usual name when it is among them, else all: any of them may be meant.
std::vector<std::filesystem::path> usual_or_all(std::vector<std::filesystem::path> files,
                                                std::string_view usual);

/// The only one of the files found in a folder. Throws UserError(kBadInput) when there is none, or
/// several. `kind`: "COCO file".
std::filesystem::path only_file(const std::filesystem::path& folder,
                                const std::vector<std::filesystem::path>& files,
                                std::string_view kind, std::string_view usual);

bool is_folder(const std::filesystem::path& path);

}  // namespace preannotate
