#include "copy_image.h"

#include <system_error>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"

namespace preannotate {

namespace fs = std::filesystem;
void copy_image(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::is_regular_file(from, error)) {
    throw UserError(kBadInput, from,
                    ": cannot be copied: ", error ? error.message() : "is no regular file");
  }
  make_folder(to.parent_path());
  const auto temporary = to.parent_path() / ".preannotate.tmp";
  try {
    fs::copy_file(from, temporary, fs::copy_options::overwrite_existing);
    fs::rename(temporary, to);
  } catch (const fs::filesystem_error& failure) {
    fs::remove(temporary, error);
    throw UserError(kCannotWrite, to, ": cannot be copied from ", from, ": ",
                    failure.code().message());
  }
}

}  // namespace preannotate
