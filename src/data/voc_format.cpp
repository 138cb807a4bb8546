#include <algorithm>
#include <string>
#include <system_error>

#include "all_formats.h"
#include "file_kind.h"
#include "preannotate/core/error.h"
#include "voc.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLookedAt = 4096;  // bytes

/// Its outermost element is <annotation> (CVAT's is <annotations>).
bool looks_like_voc(const fs::path& file) {
  const auto text = first_bytes(file, kLookedAt);
  constexpr std::string_view kTag = "<annotation";
  const auto tag = text.find(kTag);
  return tag != text.npos &&
         std::string_view("> \t\r\n/").find(text[std::min(tag + kTag.size(), text.size() - 1)]) !=
             std::string_view::npos;
}

bool recognises(const fs::path& path) {
  if (!is_folder(path)) return false;
  const auto files = voc_files(path);
  const auto folder = voc_annotations(path);
  return std::any_of(files.begin(), files.end(),
                     [&](const fs::path& file) { return looks_like_voc(folder / file); });
}

}  // namespace

fs::path voc_annotations(const fs::path& path) {
  const fs::path folder = path / "Annotations";
  return is_folder(folder) ? folder : path;
}

std::vector<fs::path> voc_files(const fs::path& path) {
  const fs::path folder = voc_annotations(path);
  const bool with_sub_folders = folder != path;
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (!with_sub_folders || is_hidden(entry->path())) entry.disable_recursion_pending();
    if (has_extension(entry->path(), ".xml") && !is_hidden(entry->path()) &&
        entry->is_regular_file(ignored))
      files.push_back(entry->path().lexically_relative(folder));
  }
  if (error) throw UserError(kBadInput, folder, ": cannot be read: ", error.message());
  std::sort(files.begin(), files.end());
  return files;
}

const DatasetFormat kVocFormat{
    .name = "voc",
    .summary = "Pascal VOC: Annotations/ with an XML file an image",
    .holds = {.boxes = true,
              .classes = true,
              .scores = true,
              .ids = true,
              .crowds = true,
              .empty_images = true,
              .sizes = true,
              .buckets = true},
    .recognises = recognises,
    .read_from = read_voc,
    .write = write_voc,
};

}  // namespace preannotate
