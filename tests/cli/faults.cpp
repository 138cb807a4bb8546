// Loaded into the program with LD_PRELOAD: the n-th call that writes below a folder fails.
//
//   FAULT_FOLDER  only calls on files below it count
//   FAULT_AT      the number of the call that fails, from 1
//   FAULT_ERRNO   what it fails with; 0: a write that writes one byte of what it was given
//   FAULT_STAYS   when set, all later calls fail too
//   FAULT_FS_TYPE what statfs says that the file system is (decimal)
//   FAULT_HIT     a file that is made when a call was made to fail

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

long number(const char* name) {
  const char* text = std::getenv(name);
  return text ? std::atol(text) : 0;
}

bool below_folder(const char* path) {
  const char* folder = std::getenv("FAULT_FOLDER");
  return folder && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool counts(int file) {
  char link[64], path[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = ::readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return below_folder(path);
}

/// Relative paths are below the folder that the program runs in.
bool counts(const char* path) {
  if (path[0] == '/') return below_folder(path);
  char current[PATH_MAX];
  return ::getcwd(current, sizeof current) && below_folder((std::string(current) + "/").c_str());
}

/// True when this call is to fail; errno is then set, or 0 for a short write.
bool fails() {
  static std::atomic<long> calls{0};
  const long at = number("FAULT_AT"), call = ++calls;
  if (at == 0 || call < at || (call > at && !std::getenv("FAULT_STAYS"))) return false;
  if (const char* hit = std::getenv("FAULT_HIT")) {
    const int file = ::open(hit, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) ::close(file);
  }
  errno = static_cast<int>(number("FAULT_ERRNO"));
  return true;
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t count) {
  static const auto next = real<ssize_t(int, const void*, size_t)>("write");
  if (count == 0 || !counts(file) || !fails()) return next(file, bytes, count);
  return errno ? -1 : next(file, bytes, 1);
}

ssize_t writev(int file, const iovec* parts, int count) {
  static const auto next = real<ssize_t(int, const iovec*, int)>("writev");
  if (!counts(file) || !fails()) return next(file, parts, count);
  if (errno) return -1;
  static const auto one = real<ssize_t(int, const void*, size_t)>("write");
  for (int i = 0; i < count; ++i) {
    if (parts[i].iov_len > 0) return one(file, parts[i].iov_base, 1);
  }
  return 0;
}

ssize_t copy_file_range(int from, off64_t* from_at, int to, off64_t* to_at, size_t count,
                        unsigned flags) {
  static const auto next =
      real<ssize_t(int, off64_t*, int, off64_t*, size_t, unsigned)>("copy_file_range");
  if (!counts(to) || !fails()) return next(from, from_at, to, to_at, count, flags);
  return errno ? -1 : next(from, from_at, to, to_at, 1, flags);
}

ssize_t sendfile(int to, int from, off_t* at, size_t count) {
  static const auto next = real<ssize_t(int, int, off_t*, size_t)>("sendfile");
  if (!counts(to) || !fails()) return next(to, from, at, count);
  return errno ? -1 : next(to, from, at, 1);
}

// Those without a number of bytes have no short form: with FAULT_ERRNO 0 they work.
#define FAILING_FILE_CALL(NAME)                                \
  int NAME(int file) {                                         \
    static const auto next = real<int(int)>(#NAME);            \
    return counts(file) && fails() && errno ? -1 : next(file); \
  }
FAILING_FILE_CALL(fsync)
FAILING_FILE_CALL(fdatasync)
FAILING_FILE_CALL(syncfs)

int ftruncate(int file, off_t length) {
  static const auto next = real<int(int, off_t)>("ftruncate");
  return counts(file) && fails() && errno ? -1 : next(file, length);
}

int rename(const char* from, const char* to) {
  static const auto next = real<int(const char*, const char*)>("rename");
  return counts(to) && fails() && errno ? -1 : next(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  static const auto next = real<int(int, const char*, int, const char*, unsigned)>("renameat2");
  return counts(to) && fails() && errno ? -1 : next(from_folder, from, to_folder, to, flags);
}

int statfs(const char* path, struct statfs* status) {
  static const auto next = real<int(const char*, struct statfs*)>("statfs");
  const int result = next(path, status);
  if (number("FAULT_FS_TYPE") != 0) status->f_type = number("FAULT_FS_TYPE");
  return result;
}

int mkdir(const char* path, mode_t mode) {
  static const auto next = real<int(const char*, mode_t)>("mkdir");
  return counts(path) && fails() && errno ? -1 : next(path, mode);
}

}  // extern "C"
