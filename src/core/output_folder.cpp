#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <system_error>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/log.h"
#include "sync_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockFile = ".lock";

/// As typed where possible, so that messages show it; a link is followed, because what it points
/// to is what the user means to replace.
fs::path final_place(fs::path path) {
  path = path.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (path.empty() || path == "." || path.filename() == "..")
    path = fs::weakly_canonical(fs::absolute(path));
  std::error_code ignored;
  if (!fs::is_symlink(path, ignored)) return path;
  std::error_code error;
  const auto target = fs::canonical(path, error);
  if (error) throw UserError(kOutputExists, path, " is a link to nothing; choose another folder");
  return target;
}

fs::path parent_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

bool is_there(const fs::path& path) {
  std::error_code error;
  const auto type = fs::symlink_status(path, error).type();
  // A name that is too long is that of nothing.
  return type != fs::file_type::not_found && error != std::errc::filename_too_long;
}

bool same_folder(int descriptor, const fs::path& path) {
  struct stat opened, named;
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/// "process 71 on host since 2026-01-02 03:04:05 UTC", as the holder of the lock wrote it.
std::string holder_of(const fs::path& partial) {
  std::string text;
  std::getline(std::ifstream(partial / kLockFile), text);
  return text.empty() ? partial.string() : text;
}

/// Their renames and locks promise less than those of a disk.
void warn_of_network(const fs::path& folder) {
  constexpr unsigned kNfs = 0x6969, kSmb = 0x517B, kCifs = 0xFF534D42, kSmb2 = 0xFE534D42;
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0) return;
  const auto type = static_cast<unsigned>(status.f_type);
  if (type != kNfs && type != kSmb && type != kCifs && type != kSmb2) return;
  log_warning(folder.string() +
              " is on a network file system, where two runs to one place may not "
              "see each other and a crash of the server may cost what was written");
}

void say_who_writes(const fs::path& partial) {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  const std::time_t now = std::time(nullptr);
  char start[32];
  std::strftime(start, sizeof start, "%Y-%m-%d %H:%M:%S UTC", std::gmtime(&now));
  std::ofstream(partial / kLockFile)
      << "process " << ::getpid() << " on " << host << " since " << start << '\n';
}

/// Makes and locks `partial`. The lock goes with the process, so what a killed run left is taken
/// over and what a running one writes is not.
int claim(const fs::path& partial, const fs::path& final_path) {
  for (;;) {
    if (::mkdir(partial.c_str(), 0777) != 0 && errno != EEXIST) {
      throw UserError(kCannotWrite, final_path, ": cannot be written: ", std::strerror(errno));
    }
    const int lock = ::open(partial.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (lock < 0 && errno == ENOENT) continue;
    if (lock < 0) {
      throw UserError(kCannotWrite, final_path, ": ", partial,
                      " is in the way: ", std::strerror(errno));
    }
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
      ::close(lock);
      throw UserError(kOutputExists, final_path, " is being written by another run (",
                      holder_of(partial), "); wait for it or choose another folder");
    }
    // Between open and lock the other run may have renamed it into place.
    if (same_folder(lock, partial)) return lock;
    ::close(lock);
  }
}

void empty_folder(const fs::path& folder, std::span<const std::string> kept) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (std::find(kept.begin(), kept.end(), name) == kept.end()) fs::remove_all(entry.path());
  }
}

bool holds_all(const fs::path& folder, const std::vector<std::string>& names) {
  return !names.empty() && std::all_of(names.begin(), names.end(), [&](const auto& name) {
    std::error_code error;
    return fs::file_size(folder / name, error) > 0 && !error;
  });
}

}  // namespace

OutputFolder::OutputFolder(fs::path final_path, bool force, std::span<const std::string> own_names,
                           Resumption resumption)
    : final_(final_place(std::move(final_path))),
      force_(force),
      own_names_(own_names.begin(), own_names.end()) {
  check_replaceable();
  const auto parent = parent_of(final_);
  try {
    fs::create_directories(parent);
    const auto name = final_.filename();
    partial_ = parent / fs::path(".").concat(name.native()).concat(".partial");
    lock_ = claim(partial_, final_);
    warn_of_network(partial_);
    prepare(resumption);
  } catch (const fs::filesystem_error& error) {
    if (lock_ >= 0) ::close(lock_);
    throw UserError(kCannotWrite, final_, ": cannot be written: ", error.code().message());
  } catch (const UserError&) {
    if (lock_ >= 0) ::close(lock_);
    throw;
  }
}

/// Of what is left of another run.
void OutputFolder::prepare(const Resumption& resumption) {
  const bool left = holds_all(partial_, resumption.files);
  if (left && !resumption.wanted && !force_) {
    throw UserError(kOutputExists, final_,
                    " was begun by a run that did not end; add --resume to "
                    "go on from there, or --force to begin anew");
  }
  resumed_ = kept_ = left && resumption.wanted;
  empty_folder(partial_, resumed_ ? std::span<const std::string>(resumption.files)
                                  : std::span<const std::string>());
  say_who_writes(partial_);
}

OutputFolder::~OutputFolder() {
  if (lock_ < 0) return;
  std::error_code ignored;
  if (!committed_ && !kept_) fs::remove_all(partial_, ignored);
  ::close(lock_);
}

void OutputFolder::check_replaceable() const {
  if (!is_there(final_)) return;
  if (!force_)
    throw UserError(kOutputExists, final_, " exists; choose another folder or add --force");
  std::error_code error;
  fs::directory_iterator entry(final_, error);
  if (error) throw UserError(kOutputExists, final_, " cannot be replaced: ", error.message());
  for (; entry != fs::directory_iterator(); entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (std::find(own_names_.begin(), own_names_.end(), name) == own_names_.end()) {
      throw UserError(kOutputExists, final_, " holds '", name,
                      "', which this command does not write, so it is not replaced; choose another "
                      "folder");
    }
  }
}

void OutputFolder::commit() {
  // What is there now counts: hours may have passed.
  check_replaceable();
  const auto fail = [&](int code) {
    throw UserError(code == EEXIST ? kOutputExists : kCannotWrite, final_,
                    ": cannot be written: ", std::strerror(code));
  };
  if (::unlink((partial_ / kLockFile).c_str()) != 0 && errno != ENOENT) fail(errno);
  // Once for all files, however many: an fsync each takes milliseconds.
  if (::syncfs(lock_) != 0) fail(errno);
  const bool replaces = is_there(final_);
  if (::renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, final_.c_str(),
                  replaces ? RENAME_EXCHANGE : RENAME_NOREPLACE) != 0) {
    if (errno != EINVAL && errno != ENOSYS) fail(errno);
    // A file system that knows neither: for an instant the name stands for nothing.
    fs::path old = partial_;
    old += ".old";
    if (replaces && ::rename(final_.c_str(), old.c_str()) != 0) fail(errno);
    if (::rename(partial_.c_str(), final_.c_str()) != 0) {
      const int code = errno;
      if (replaces) ::rename(old.c_str(), final_.c_str());
      fail(code);
    }
    if (replaces) ::rename(old.c_str(), partial_.c_str());
  }
  committed_ = true;
  sync_folder(parent_of(final_));
  if (!replaces) return;
  std::error_code error;
  fs::remove_all(partial_, error);
  if (error)
    log_warning("the replaced folder is still at " + partial_.string() + ": " + error.message());
}

}  // namespace preannotate
