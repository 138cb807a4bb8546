#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preannotate {

/// The whole file. Throws UserError(kBadInput) naming the path and the system's reason, also when
/// it is no regular file or larger than `max_bytes`.
std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes = 2ull << 30);

/// When a file that was written survives a power cut: at once, or with the OutputFolder that it
/// lies in, whose commit() makes all last; thousands of files one by one would take minutes.
enum class Lasting { kAtOnce, kWithFolder };

/// A file that appears at `path` whole or not at all: written to a temporary in the same folder,
/// then fsync, rename, fsync of the folder. Throws UserError(kCannotWrite).
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path, Lasting lasting = Lasting::kAtOnce);
  ~AtomicFile();  // without commit() the temporary is removed and `path` stays as it was
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);  // buffered
  void commit();

 private:
  void flush();
  std::filesystem::path path_, temporary_;
  Lasting lasting_;
  std::string buffer_;
  int file_ = -1;
};

/// AtomicFile, write, commit.
void write_file(const std::filesystem::path& path, std::string_view bytes,
                Lasting lasting = Lasting::kAtOnce);

/// With its parents; one that is there is right. Throws UserError(kCannotWrite).
void make_folder(const std::filesystem::path& path);

/// What an output folder can be gone on from after an interrupted run.
struct Resumption {
  std::vector<std::string> files;  // names of what to go on from; none: never resumed
  bool wanted = false;             // go on, rather than ask for it
};

/// A folder that appears whole or not at all. Everything is written below path(), a hidden sibling
/// of the final folder on the same file system; commit() renames it into place.
///
/// The constructor checks before any work is done: an existing `final_path` needs `force`
/// (UserError kOutputExists), and with `force` is replaced only when each of its entries is in
/// `own_names` or it is empty: a folder that holds anything else is never touched (kOutputExists,
/// names the entry). An unwritable parent is kCannotWrite. Parents are created.
/// The old folder stays in place until commit(), which checks again. While one run writes, another
/// to the same place gets kOutputExists, which names its process; what a killed run left behind is
/// removed, unless it holds all of `resumption.files`, none empty: then it is kept when that is
/// wanted, removed with `force`, and else kOutputExists.
class OutputFolder {
 public:
  OutputFolder(std::filesystem::path final_path, bool force, std::span<const std::string> own_names,
               Resumption resumption = {});
  ~OutputFolder();  // without commit() what was written is removed
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  const std::filesystem::path& path() const { return partial_; }
  const std::filesystem::path& final_path() const { return final_; }
  /// The resumption's files of an interrupted run are below path().
  bool resumed() const { return resumed_; }
  /// From now on what was written stays for a later run when this one ends without commit().
  void keep() { kept_ = true; }
  void commit();

 private:
  void check_replaceable() const;
  void prepare(const Resumption& resumption);
  std::filesystem::path final_, partial_;
  bool force_;
  std::vector<std::string> own_names_;
  int lock_ = -1;
  bool committed_ = false, resumed_ = false, kept_ = false;
};

/// `${XDG_CACHE_HOME:-$HOME/.cache}/preannotate`, or PREANNOTATE_CACHE. Not created.
std::filesystem::path cache_folder();

/// Folder of the running program (/proc/self/exe).
std::filesystem::path program_folder();

}  // namespace preannotate
