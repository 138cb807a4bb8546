#include "class_tree.h"

#include <algorithm>
#include <system_error>

#include "file_kind.h"
#include "preannotate/data/image_list.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

bool holds_an_image(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!is_hidden(entry->path()) && has_image_extension(entry->path())) return true;
  }
  return false;
}

/// Class folders with images, and no image beside them.
bool is_split(const fs::path& folder) {
  const auto name = folder.filename();
  if (name != "train" && name != "val" && name != "test") return false;
  bool found = false;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_hidden(entry->path())) continue;
    if (has_image_extension(entry->path())) return false;
    found = found || holds_an_image(entry->path());
  }
  return found;
}

}  // namespace

std::vector<fs::path> class_tree_splits(const fs::path& root) {
  std::vector<fs::path> splits;
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (is_hidden(entry->path())) continue;
    if (has_image_extension(entry->path())) return {};
    if (!entry->is_directory(ignored)) continue;
    if (!is_split(entry->path())) return {};
    splits.push_back(entry->path());
  }
  std::sort(splits.begin(), splits.end());
  return splits;
}

}  // namespace preannotate
