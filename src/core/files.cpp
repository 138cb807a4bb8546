#include "preannotate/core/files.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "sync_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 1 << 20;

struct OpenFile {
  int descriptor;
  ~OpenFile() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// A name no other writer, thread or process, uses in the folder.
fs::path temporary_beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  return folder_of(path) /
         (".preannotate-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".tmp");
}

}  // namespace

void sync_folder(const fs::path& folder) {
  const OpenFile opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  // Some file systems cannot sync a folder (EINVAL); there is nothing more to do on those.
  if (opened.descriptor < 0 || (::fsync(opened.descriptor) != 0 && errno != EINVAL)) {
    throw UserError(kCannotWrite, folder, ": cannot be written: ", std::strerror(errno));
  }
}

std::string read_file(const fs::path& path, std::uint64_t max_bytes) {
  const auto fail = [&](const auto&... why) { throw UserError(kBadInput, path, ": ", why...); };
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const OpenFile file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.descriptor < 0) fail(std::strerror(errno));
  struct stat status;
  if (::fstat(file.descriptor, &status) != 0) fail(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) fail("is no regular file");
  const auto check_size = [&](std::uint64_t size) {
    if (size > max_bytes) {
      fail("is larger than ", human_bytes(static_cast<double>(max_bytes)),
           ", the most that is read");
    }
  };
  check_size(static_cast<std::uint64_t>(status.st_size));
  std::string bytes;
  size_t filled = 0;
  // One byte more than the size, so that the end is seen without another round.
  bytes.resize(static_cast<size_t>(status.st_size) + 1);
  for (;;) {
    if (filled == bytes.size()) bytes.resize(bytes.size() + kBufferBytes);
    const ssize_t got = ::read(file.descriptor, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(std::strerror(errno));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    check_size(filled);
  }
  bytes.resize(filled);
  return bytes;
}

AtomicFile::AtomicFile(fs::path path, Lasting lasting)
    : path_(std::move(path)), temporary_(temporary_beside(path_)), lasting_(lasting) {
  // A temporary left by a killed process of the same number is not in use.
  ::unlink(temporary_.c_str());
  file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file_ < 0)
    throw UserError(kCannotWrite, path_, ": cannot be written: ", std::strerror(errno));
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kBufferBytes) flush();
}

void AtomicFile::flush() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    const ssize_t written = ::write(file_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      throw UserError(kCannotWrite, path_, ": cannot be written: ", std::strerror(errno));
    }
    left.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
}

void AtomicFile::commit() {
  flush();
  const auto check = [&](int result) {
    if (result != 0) {
      throw UserError(kCannotWrite, path_, ": cannot be written: ", std::strerror(errno));
    }
  };
  if (lasting_ == Lasting::kAtOnce) check(::fsync(file_));
  const int closed = ::close(file_);
  file_ = -1;
  check(closed);
  check(::rename(temporary_.c_str(), path_.c_str()));
  temporary_.clear();
  if (lasting_ == Lasting::kAtOnce) sync_folder(folder_of(path_));
}

void write_file(const fs::path& path, std::string_view bytes, Lasting lasting) {
  AtomicFile file(path, lasting);
  file.write(bytes);
  file.commit();
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw UserError(kCannotWrite, path, ": cannot be written: ", error.message());
}

fs::path cache_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value ? value : "");
  };
  if (const auto own = variable("PREANNOTATE_CACHE"); !own.empty()) return own;
  // The XDG specification has relative paths ignored.
  if (const auto xdg = variable("XDG_CACHE_HOME"); xdg.is_absolute()) return xdg / "preannotate";
  auto home = variable("HOME");
  if (home.empty()) {
    if (const passwd* user = ::getpwuid(::getuid())) home = user->pw_dir;
  }
  if (home.empty()) {
    throw UserError(kUsageError, "no home folder for the cache; set PREANNOTATE_CACHE to a folder");
  }
  return home / ".cache" / "preannotate";
}

fs::path program_folder() {
  return fs::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace preannotate
