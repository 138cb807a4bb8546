#include "scan_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "preannotate/data/image_list.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

class Scan {
 public:
  Scan(const fs::path& root, const fs::path& excluded)
      : root_(root), real_root_(fs::canonical(root)) {
    std::error_code error;  // an output folder that is not there yet is not in the way
    if (!excluded.empty()) remember(fs::weakly_canonical(excluded, error));
  }

  std::vector<FoundImage> run() {
    folders_.push_back({});
    // Links wait until every folder is visited under its own name.
    while (!folders_.empty() || !linked_folders_.empty()) {
      auto& waiting = folders_.empty() ? linked_folders_ : folders_;
      const fs::path below = std::move(waiting.back());
      waiting.pop_back();
      if (remember(root_ / below)) visit(below);
    }
    return std::move(found_);
  }

 private:
  /// False when the folder was seen before.
  bool remember(const fs::path& folder) {
    struct stat status;
    return ::stat(folder.c_str(), &status) != 0 ||
           seen_.insert({status.st_dev, status.st_ino}).second;
  }

  void visit(const fs::path& below) {
    std::error_code error;
    fs::directory_iterator entry(root_ / below, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      const fs::path name = entry->path().filename();
      if (!name.native().starts_with('.')) look_at(*entry, below / name);
    }
    if (error) {
      // The listing so far counts; what is missing of it is said.
      report(below.empty() ? fs::path(".") : below, "permission",
             "the folder cannot be read: " + error.message());
    }
  }

  void look_at(const fs::directory_entry& entry, const fs::path& below) {
    std::error_code error;
    const bool link = entry.is_symlink(error);
    const auto type = entry.status(error).type();
    const bool image = has_image_extension(below);
    if (type == fs::file_type::directory) {
      if (link && !stays_inside(below)) return;
      (link ? linked_folders_ : folders_).push_back(below);
    } else if (!image) {
      return;
    } else if (link && (error || type == fs::file_type::not_found)) {
      report(below, "vanished", "is a link to nothing");
    } else if (error) {
      report(below, "permission", error.message());
    } else if (link && !stays_inside(below)) {
      return;
    } else if (type != fs::file_type::regular) {
      report(below, "not_regular", "is no regular file");
    } else {
      found_.push_back({below, {}, {}});
    }
  }

  bool stays_inside(const fs::path& below) {
    std::error_code error;
    const auto target = fs::canonical(root_ / below, error);
    if (error) {
      report(below, "vanished", "is a link to nothing");
    } else if (!is_below(target, real_root_)) {
      report(below, "outside_root",
             "is a link to " + target.string() + ", outside " + root_.string());
    } else {
      return true;
    }
    return false;
  }

  void report(const fs::path& below, std::string reason, std::string detail) {
    found_.push_back({below, std::move(reason), std::move(detail)});
  }

  fs::path root_, real_root_;
  std::vector<fs::path> folders_, linked_folders_;  // below the root, to visit
  std::set<std::pair<dev_t, ino_t>> seen_;
  std::vector<FoundImage> found_;
};

}  // namespace

std::vector<FoundImage> scan_folder(const fs::path& root, const fs::path& excluded) {
  return Scan(root, excluded).run();
}

}  // namespace preannotate
