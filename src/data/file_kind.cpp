#include "file_kind.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <system_error>

#include "preannotate/core/error.h"

namespace preannotate {

namespace fs = std::filesystem;

bool has_extension(const fs::path& path, std::string_view extension) {
  std::string found = path.extension().string();
  for (char& c : found) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return found == extension;
}

bool is_hidden(const fs::path& path) {
  return path.filename().native().starts_with('.');
}

std::string first_bytes(const fs::path& file, size_t count) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return {};
  std::string text(count, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

std::vector<fs::path> files_with(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const auto& path = entry->path();
    if (has_extension(path, extension) && !is_hidden(path) && fs::is_regular_file(path, ignored))
      files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> usual_or_all(std::vector<fs::path> files, std::string_view usual) {
  for (const auto& file : files) {
    if (file.filename() == usual) return {file};
  }
  return files;
}

fs::path only_file(const fs::path& folder, const std::vector<fs::path>& files,
                   std::string_view kind, std::string_view usual) {
  if (files.size() == 1) return files[0];
  if (files.empty()) throw UserError(kBadInput, folder, " holds no ", kind);
  throw UserError(kBadInput, folder, " holds ", files.size(), " ", kind, "s and no ", usual,
                  ": name one of them, e.g. ", files[0]);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

}  // namespace preannotate
