#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "all_formats.h"
#include "class_tree.h"
#include "copy_image.h"
#include "file_kind.h"
#include "import_faults.h"
#include "names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/data/image_list.h"
#include "scan_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

/// Files that say how a folder is labelled: another format's, so not this one.
bool is_marker(const fs::path& path) {
  static const std::set<std::string> kExtensions = {".csv", ".json", ".jsonl",
                                                    ".xml", ".yaml", ".yml"};
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return kExtensions.contains(extension);
}

/// COCO's annotations/ and VOC's Annotations/ stand beside a folder of images.
bool holds_annotations(const fs::path& folder) {
  const auto name = folder.filename();
  if (name != "annotations" && name != "Annotations") return false;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (is_marker(entry->path())) return true;
  }
  return false;
}

bool holds_an_image(const fs::path& folder) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied,
                                         error),
      end;
  for (; !error && entry != end; entry.increment(error)) {
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (has_image_extension(entry->path())) {
      return true;
    }
  }
  return false;
}

bool recognises(const fs::path& root) {
  if (!class_tree_splits(root).empty()) return false;
  std::error_code error;
  bool found = false;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (is_hidden(entry->path())) continue;
    const bool folder = entry->is_directory(ignored);
    if (folder ? holds_annotations(entry->path()) : is_marker(entry->path())) return false;
    found = found || (folder && holds_an_image(entry->path()));
  }
  return found;
}

/// The class folders, sorted. An image beside them has no class.
std::vector<fs::path> class_folders(const fs::path& root, ImportFaults& faults) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (is_hidden(entry->path())) continue;
    if (entry->is_directory(ignored)) {
      folders.push_back(entry->path());
    } else if (has_image_extension(entry->path())) {
      const auto name = entry->path().filename();
      faults.add(name.string(),
                 "is in no class folder; expected " + (root / "<class>" / name).string());
    }
  }
  if (error) throw UserError(kBadInput, root, ": cannot be read: ", error.message());
  if (folders.empty())
    throw UserError(kBadInput, root, ": holds no class folders; expected <class>/<image>");
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// Whoever opens an image says that it is gone or no file; what could not even be listed, or lies
/// elsewhere, is refused here.
Sample sample_of(const fs::path& class_folder, const FoundImage& found, int category) {
  if (found.reason == "outside_root" || found.reason == "permission") {
    throw UserError(kBadInput, class_folder.filename() / found.below, ": ", found.reason, ": ",
                    found.detail);
  }
  Sample sample;
  sample.image = utf8_path(class_folder.filename() / found.below);
  sample.labels.push_back({category, {}, {}, {}});
  return sample;
}

/// Names of the folders that images of `dataset` in `category` lie in below the class folder; empty
/// when one lies in the class folder itself.
std::set<std::string> sub_folders(const Dataset& dataset, int category) {
  std::set<std::string> names;
  for (const Sample& sample : dataset.samples) {
    if (sample.labels[0].category != category) continue;
    const fs::path below =
        fs::path(sample.image).lexically_relative(*fs::path(sample.image).begin());
    if (!below.has_parent_path()) return {};
    names.insert(below.begin()->string());
  }
  return names;
}

/// <part>/<class>/<image>, say train and val, reads as classes "train" and "val".
void warn_of_parts(const Dataset& dataset) {
  const auto first = sub_folders(dataset, 0);
  if (first.size() < 2 || dataset.categories.size() < 2) return;
  for (size_t category = 1; category < dataset.categories.size(); ++category) {
    if (sub_folders(dataset, static_cast<int>(category)) != first) return;
  }
  log_warning("the classes of " + dataset.image_root.string() + " are " +
              join_names(dataset.categories, 5) + ", each with folders " +
              join_names(std::vector<std::string>(first.begin(), first.end()), 5) +
              "; if those are the classes, use " +
              (dataset.image_root / dataset.categories[0]).string());
}

void add_class(const fs::path& folder, Dataset& dataset, ImportFaults& faults) {
  const auto name = folder.filename().string();
  check_category_name(name, name);
  const auto images = scan_folder(folder, {});
  if (images.empty()) {
    throw UserError(kBadInput, name, ": the class folder holds no image; fill or remove it");
  }
  const int category = static_cast<int>(dataset.categories.size());
  dataset.categories.push_back(name);
  for (const FoundImage& found : images) {
    const auto place = utf8_path(folder.filename() / found.below);
    faults.collect(place, [&] { dataset.samples.push_back(sample_of(folder, found, category)); });
  }
}

Dataset read(const fs::path& root, const ReadOptions& options) {
  Dataset dataset;
  dataset.image_root = root;
  ImportFaults faults(root, options);
  for (const fs::path& folder : class_folders(root, faults)) {
    faults.collect(folder.filename().string(), [&] { add_class(folder, dataset, faults); });
  }
  faults.finish(dataset.problems);
  std::sort(dataset.samples.begin(), dataset.samples.end(),
            [](const Sample& a, const Sample& b) { return a.image < b.image; });
  warn_of_parts(dataset);
  return dataset;
}

/// An image goes into the folder of each of its classes, one without labels nowhere.
void write(const Dataset& dataset, const fs::path& folder) {
  for (const auto& name : dataset.categories) check_folder_name(name, folder.string());
  for (const Sample& sample : dataset.samples) {
    const auto key = checked_image_key(sample.image, folder.string());
    for (const Label& label : image_level_labels(sample)) {
      const auto& name = dataset.categories[static_cast<size_t>(label.category)];
      copy_image(image_file(dataset, sample), folder / name / path_from_utf8(key));
    }
  }
}

}  // namespace

const DatasetFormat kFolderFormat{
    .name = "folder",
    .summary = "one folder per class with copies of its images",
    .holds = {.classes = true},
    .recognises = recognises,
    .read_from = read,
    .write = write,
};

}  // namespace preannotate
