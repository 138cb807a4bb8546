#include "preannotate/data/image_list.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <set>

#include "names_alike.h"
#include "preannotate/core/error.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "scan_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtensions[] = {".jpg",  ".jpeg", ".jpe", ".png",
                                       ".webp", ".bmp",  ".tif", ".tiff"};

struct Candidate {
  fs::path path;  // to open
  fs::path short_key;
  std::string reason, detail;  // "" unless it is a problem
};

/// One path a line, or NUL-separated.
std::vector<fs::path> read_list(std::istream& list) {
  const std::string text{std::istreambuf_iterator<char>(list), {}};
  const char separator = text.find('\0') == text.npos ? '\n' : '\0';
  std::vector<fs::path> paths;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(separator, start), text.size());
    std::string line = text.substr(start, end - start);
    if (separator == '\n' && line.ends_with('\r')) line.pop_back();
    if (!line.empty()) paths.emplace_back(line);
    start = end + 1;
  }
  return paths;
}

class Listing {
 public:
  explicit Listing(fs::path excluded) : excluded_(std::move(excluded)) {}

  /// `listed`: from the list, where one missing file must not cost the others their result.
  void add_source(const fs::path& source, bool listed) {
    std::error_code error;
    const auto type = fs::status(source, error).type();
    if (type == fs::file_type::directory) {
      for (auto& found : scan_folder(source, excluded_)) {
        add({source / found.below, found.below, std::move(found.reason), std::move(found.detail)});
      }
      return;
    }
    Candidate named{source, source.filename(), {}, {}};
    if (type == fs::file_type::not_found || type == fs::file_type::none) {
      if (!listed) {
        throw UserError(kUsageError, source,
                        type == fs::file_type::none ? ": " + error.message() : " does not exist");
      }
      named.reason = type == fs::file_type::none ? "permission" : "vanished";
      named.detail =
          type == fs::file_type::none ? error.message() : "is in the list and does not exist";
    } else if (type != fs::file_type::regular) {
      named.reason = "not_regular";
      named.detail = "is no regular file";
    }
    add(std::move(named));
  }

  std::vector<ImageFile> finish(Problems& problems) {
    const bool short_keys = no_collision();
    std::map<std::string, const Candidate*> by_key;
    for (const Candidate& candidate : candidates_) {
      const auto key = utf8_path(short_keys ? candidate.short_key : long_key(candidate.path));
      const auto [other, added] = by_key.emplace(key, &candidate);
      if (!added) {
        throw UserError(kUsageError, "the sources give two files the name '", key,
                        "': ", other->second->path, " and ", candidate.path);
      }
    }
    std::vector<ImageFile> files;
    for (const auto& [key, candidate] : by_key) {
      if (candidate->reason.empty()) {
        files.push_back({candidate->path, key});
      } else {
        problems.add({key, candidate->reason, candidate->detail});
      }
    }
    warn_of_names_alike(files);
    return files;
  }

  bool empty() const { return candidates_.empty(); }

 private:
  static void warn_of_names_alike(const std::vector<ImageFile>& files) {
    std::vector<std::string> keys;
    for (const ImageFile& file : files) keys.push_back(file.image);
    const auto alike = names_alike(keys);
    if (alike.empty()) return;
    log_warning(human_count(alike.size()) +
                " names differ from another in case or composition only, "
                "which macOS or Windows take for one file: first '" +
                alike[0].first + "' and '" + alike[0].second + "'");
  }

  void add(Candidate candidate) {
    if (seen_.insert(identity(candidate.path)).second) candidates_.push_back(std::move(candidate));
  }

  /// The file's own place: its folder without links. A link to a file and the file are two.
  fs::path identity(const fs::path& path) {
    const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    auto [known, added] = real_folders_.try_emplace(folder);
    std::error_code error;
    if (added) known->second = fs::weakly_canonical(folder, error);
    return (error ? folder : known->second) / path.filename();
  }

  bool no_collision() const {
    std::set<fs::path> keys;
    return std::all_of(candidates_.begin(), candidates_.end(), [&](const Candidate& candidate) {
      return keys.insert(candidate.short_key).second;
    });
  }

  /// As given, but below whatever folder it is joined to.
  static fs::path long_key(const fs::path& path) {
    auto key = path.lexically_normal();
    if (*key.begin() == "..") key = fs::absolute(path).lexically_normal();
    return key.relative_path();
  }

  fs::path excluded_;
  std::vector<Candidate> candidates_;
  std::set<fs::path> seen_;
  std::map<fs::path, fs::path> real_folders_;
};

}  // namespace

bool has_image_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
         std::end(kExtensions);
}

std::vector<ImageFile> list_images(const ImageSources& sources, Problems& problems) {
  Listing listing(sources.excluded);
  for (const fs::path& source : sources.paths) {
    if (source != "-") {
      listing.add_source(source, false);
    } else if (!sources.list) {
      throw UserError(kUsageError, "'-' needs a list of paths on standard input");
    } else {
      for (const fs::path& path : read_list(*sources.list)) listing.add_source(path, true);
    }
  }
  if (listing.empty()) {
    std::vector<std::string> names;
    for (const fs::path& source : sources.paths)
      names.push_back(source == "-" ? "the list" : source.string());
    throw UserError(
        kBadInput, "no images under ", join_names(names, 5), " (looked for ",
        join_names(std::vector<std::string>(std::begin(kExtensions), std::end(kExtensions))), ")");
  }
  return listing.finish(problems);
}

}  // namespace preannotate
