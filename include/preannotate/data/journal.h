#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/data/ledger.h"

namespace preannotate {

/// drafts.jsonl while it grows: each line is handed to the system as it comes, so that a kill costs
/// none that was there, and to the disk every few seconds, so that a power cut costs those few.
/// Throws UserError(kCannotWrite).
class Journal {
 public:
  /// Goes on behind the first `bytes` of the file, which is made when it is not there.
  explicit Journal(std::filesystem::path path, std::uint64_t bytes = 0);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void append(const LedgerEntry& entry, const std::vector<std::string>& categories);
  void finish();  // all of it is on the disk

 private:
  void sync();
  std::filesystem::path path_;
  int file_ = -1;
  double synced_s_;
};

/// Reads what an interrupted run left: the lines up to the first that is not whole or damaged.
/// Throws UserError(kBadInput) for a whole line that is no entry.
class JournalReader {
 public:
  JournalReader(const std::filesystem::path& path, std::vector<std::string> categories);
  std::optional<LedgerEntry> next();
  std::uint64_t end() const { return end_; }  // bytes up to and with the entry that next() gave

 private:
  std::filesystem::path path_;
  std::vector<std::string> categories_;
  std::ifstream file_;
  std::uint64_t end_ = 0;
};

}  // namespace preannotate
