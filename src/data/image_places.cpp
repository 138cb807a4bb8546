#include "image_places.h"

#include <algorithm>
#include <system_error>

#include "preannotate/core/error.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "scan_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

/// The last parts of `path` are those of `name`.
bool ends_with(const fs::path& path, const fs::path& name) {
  const std::vector<fs::path> all(path.begin(), path.end()), last(name.begin(), name.end());
  return last.size() <= all.size() && std::equal(last.rbegin(), last.rend(), all.rbegin());
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

}  // namespace

ImagePlaces::ImagePlaces(fs::path top, std::vector<fs::path> folders)
    : top_(std::move(top)), folders_(std::move(folders)) {}

void ImagePlaces::list_below() {
  listed_ = true;
  for (const FoundImage& found : scan_folder(top_, {})) {
    if (found.reason.empty()) by_name_.emplace(found.below.filename().string(), found.below);
  }
}

std::optional<fs::path> ImagePlaces::found_below(const std::string& image, const fs::path& file) {
  if (!listed_) list_below();
  const fs::path name = path_from_utf8(image);
  std::optional<fs::path> found;
  const auto [first, last] = by_name_.equal_range(name.filename().string());
  for (auto entry = first; entry != last; ++entry) {
    if (!ends_with(entry->second, name)) continue;
    if (found) {
      throw UserError(kBadInput, file, ": image '", image, "' could be ", *found, " or ",
                      top_ / entry->second, "; put the file into the folder of its images");
    }
    found = top_ / entry->second;
  }
  return found;
}

void ImagePlaces::assign(Dataset& dataset, const fs::path& file) {
  std::vector<size_t> in_folder(folders_.size(), 0);
  std::map<std::string, size_t> folder_of;
  std::map<std::string, fs::path> below;
  for (const Sample& sample : dataset.samples) {
    const fs::path name = path_from_utf8(sample.image);
    const auto folder = static_cast<size_t>(
        std::find_if(folders_.begin(), folders_.end(),
                     [&](const fs::path& candidate) { return is_there(candidate / name); }) -
        folders_.begin());
    if (folder < folders_.size()) {
      folder_of[sample.image] = folder;
      ++in_folder[folder];
    } else if (const auto path = found_below(sample.image, file)) {
      below[sample.image] = *path;
    }
  }
  const size_t found = folder_of.size() + below.size(), total = dataset.samples.size();
  const auto root =
      static_cast<size_t>(std::max_element(in_folder.begin(), in_folder.end()) - in_folder.begin());
  dataset.image_root = folders_[root];
  if (found == 0) {
    if (total > 0) {
      log_warning(file.string() + ": none of its " + human_count(total) + " images is below " +
                  top_.string() + "; only its labels can be used");
    }
    return;
  }
  if (2 * (total - found) > total) {
    throw UserError(kBadInput, file, ": ", total - found, " of its ", total,
                    " images are not below ", top_, "; put it beside its images");
  }
  for (const auto& [image, folder] : folder_of) {
    if (folder != root) dataset.elsewhere[image] = folders_[folder] / path_from_utf8(image);
  }
  dataset.elsewhere.insert(below.begin(), below.end());
  std::erase_if(dataset.samples, [&](const Sample& sample) {
    if (folder_of.contains(sample.image) || below.contains(sample.image)) return false;
    dataset.problems.push_back(
        {sample.image, "image_missing",
         "is listed in " + file.string() + " but not below " + top_.string() + "; left out"});
    return true;
  });
}

}  // namespace preannotate
