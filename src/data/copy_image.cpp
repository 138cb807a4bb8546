#include "copy_image.h"

#include <fstream>
#include <string>
#include <system_error>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

fs::path temporary_beside(const fs::path& path) {
  return path.parent_path() / ".preannotate.tmp";
}

}  // namespace

void copy_image(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::is_regular_file(from, error)) {
    throw UserError(kBadInput, from,
                    ": cannot be copied: ", error ? error.message() : "is no regular file");
  }
  const auto temporary = temporary_beside(to);
  try {
    fs::create_directories(to.parent_path());
    fs::copy_file(from, temporary, fs::copy_options::overwrite_existing);
    fs::rename(temporary, to);
  } catch (const fs::filesystem_error& failure) {
    fs::remove(temporary, error);
    throw UserError(kCannotWrite, to, ": cannot be copied from ", from, ": ",
                    failure.code().message());
  }
}

void write_unsynced(const fs::path& path, const std::string& text) {
  const auto temporary = temporary_beside(path);
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (!error) {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) fs::rename(temporary, path, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(temporary, ignored);
  throw UserError(kCannotWrite, path, ": cannot be written: ", error.message());
}

}  // namespace preannotate
