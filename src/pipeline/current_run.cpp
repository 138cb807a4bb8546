#include "current_run.h"

#include <system_error>

#include "preannotate/core/error.h"

namespace preannotate {

namespace fs = std::filesystem;

namespace {

constexpr const char* kCurrent = "current";

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

bool is_link(const fs::path& path) {
  std::error_code ignored;
  return fs::is_symlink(path, ignored);
}

fs::path whole(const fs::path& path) {
  const fs::path normal = fs::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

bool same(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

void check_link(const fs::path& link) {
  if (!is_there(link) || is_link(link)) return;
  throw UserError(kOutputExists, link,
                  " is no link, so it is not replaced; name another place for the link to the run "
                  "in use");
}

}  // namespace

CurrentLink current_link(const fs::path& asked, const fs::path& model, const fs::path& output) {
  if (!asked.empty()) {
    check_link(asked);
    return {asked, ""};
  }
  const fs::path folder = whole(output).parent_path();
  const bool beside =
      same(folder, whole(model).parent_path()) || same(folder, fs::canonical(model).parent_path());
  if (!beside) {
    return {"", "the new run lies in another folder than the old one; --current LINK sets a link"};
  }
  // As it was typed, so that messages are short.
  fs::path typed = output.lexically_normal();
  if (!typed.has_filename()) typed = typed.parent_path();
  const fs::path link = typed.parent_path() / kCurrent;
  if (!is_there(link)) return {link, ""};
  if (!is_link(link)) return {"", link.string() + " is no link"};
  if (same(link, model)) return {link, ""};
  return {"", link.string() + " leads to another run than --model names"};
}

void set_current(const fs::path& link, const fs::path& run) {
  check_link(link);
  const fs::path home = whole(link).parent_path(), target = fs::canonical(run);
  std::error_code error;
  const fs::path relative = fs::relative(target, fs::canonical(home), error);
  const bool below = !error && !relative.empty() && *relative.begin() != "..";
  const fs::path fresh = home / ("." + whole(link).filename().string() + ".new");
  fs::remove(fresh, error);
  fs::create_directory_symlink(below ? relative : target, fresh, error);
  if (!error) fs::rename(fresh, whole(link), error);
  if (error) throw UserError(kCannotWrite, link, ": cannot be written: ", error.message());
}

}  // namespace preannotate
