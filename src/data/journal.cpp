#include "preannotate/data/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

constexpr double kSyncAfter_s = 5;

double now_s() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

void check(bool done, const std::filesystem::path& path) {
  if (!done) throw UserError(kCannotWrite, path, ": cannot be written: ", std::strerror(errno));
}

}  // namespace

Journal::Journal(std::filesystem::path path, std::uint64_t bytes)
    : path_(std::move(path)), synced_s_(now_s()) {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  check(file_ >= 0, path_);
  const auto length = static_cast<off_t>(bytes);
  check(::ftruncate(file_, length) == 0 && ::lseek(file_, 0, SEEK_END) == length, path_);
}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

void Journal::append(const LedgerEntry& entry, const std::vector<std::string>& categories) {
  const auto line = ledger_line(entry, categories) + "\n";
  for (std::string_view left = line; !left.empty();) {
    const ssize_t written = ::write(file_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    check(written >= 0, path_);
    left.remove_prefix(static_cast<size_t>(written));
  }
  if (now_s() - synced_s_ >= kSyncAfter_s) sync();
}

void Journal::sync() {
  check(::fdatasync(file_) == 0, path_);
  synced_s_ = now_s();
}

void Journal::finish() {
  sync();
  const int closed = ::close(file_);
  file_ = -1;
  check(closed == 0, path_);
}

JournalReader::JournalReader(const std::filesystem::path& path, std::vector<std::string> categories)
    : path_(path), categories_(std::move(categories)), file_(path, std::ios::binary) {}

std::optional<LedgerEntry> JournalReader::next() {
  std::string line;
  // A line without its end is torn, whatever stands in it.
  if (!std::getline(file_, line) || file_.eof() || !fits_checksum(line)) {
    file_.setstate(std::ios::failbit);
    return std::nullopt;
  }
  end_ += line.size() + 1;
  return parse_ledger_line(line, categories_, path_.string());
}

}  // namespace preannotate
