#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "preannotate/image/decode.h"

namespace preannotate {
namespace {

/// Closes at the end of the scope.
class OpenFile {
 public:
  // Not blocking, in case a named pipe took the file's place since stat().
  explicit OpenFile(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

ImageError system_error(int code) {
  const char* reason = code == ENOENT || code == ENOTDIR || code == ELOOP ? "vanished"
                       : code == EACCES || code == EPERM                  ? "permission"
                                                                          : "unreadable";
  return {reason, std::string("it cannot be read: ") + std::strerror(code)};
}

void check_file(const struct stat& status, const DecodeOptions& options) {
  if (!S_ISREG(status.st_mode)) throw ImageError("not_regular", "it is not a regular file");
  if (static_cast<std::uint64_t>(status.st_size) > options.max_file_bytes) {
    throw ImageError("file_too_large", "it has " + std::to_string(status.st_size) +
                                           " bytes, above the limit of " +
                                           std::to_string(options.max_file_bytes));
  }
}

/// Half of the old and half of the new would pass for an image, or for a damaged one.
void check_unchanged(const OpenFile& file, const struct stat& before) {
  struct stat after {};
  const bool same = ::fstat(file.descriptor(), &after) == 0 && after.st_size == before.st_size &&
                    after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
                    after.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
  if (!same) throw ImageError("changed_during_run", "it was changed while it was read");
}

}  // namespace

void read_ahead(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  const OpenFile file(path);
  if (file.descriptor() >= 0) ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_WILLNEED);
}

std::string read_image_file(const std::string& path, const DecodeOptions& options,
                            std::string memory) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw system_error(errno);
  check_file(status, options);
  const OpenFile file(path);
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &status) != 0) throw system_error(errno);
  check_file(status, options);

  std::string bytes = std::move(memory);
  bytes.resize(static_cast<size_t>(status.st_size));
  size_t done = 0;
  while (done < bytes.size()) {
    const auto count = ::read(file.descriptor(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error(errno);
    if (count == 0) break;  // shorter than it was a moment ago
    done += static_cast<size_t>(count);
  }
  bytes.resize(done);
  check_unchanged(file, status);
  return bytes;
}

}  // namespace preannotate
