#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "all_formats.h"
#include "class_tree.h"
#include "copy_image.h"
#include "import_faults.h"
#include "label_checks.h"
#include "names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "scan_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSplit = "train";

bool recognises(const fs::path& root) {
  return !class_tree_splits(root).empty();
}

std::vector<fs::path> folders_in(const fs::path& split) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator entry(split, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && !entry->path().filename().native().starts_with('.'))
      folders.push_back(entry->path());
  }
  if (error) throw UserError(kBadInput, split, ": cannot be read: ", error.message());
  std::sort(folders.begin(), folders.end());
  return folders;
}

class Reader {
 public:
  Reader(const fs::path& root, const ReadOptions& options) : root_(root), faults_(root, options) {}

  /// The classes of all splits are one list, sorted; keys begin with the split when there are
  /// several.
  Dataset run() {
    const auto splits = class_tree_splits(root_);
    if (splits.empty()) {
      throw UserError(kBadInput, root_,
                      ": is no tree of <split>/<class>/<image> with splits train, "
                      "val and test");
    }
    std::set<std::string> names;
    for (const fs::path& split : splits) {
      for (const fs::path& folder : folders_in(split)) names.insert(folder.filename().string());
    }
    for (const auto& name : names) {
      faults_.collect(name, [&] { check_category_name(name, name); });
    }
    dataset_.categories.assign(names.begin(), names.end());
    dataset_.image_root = splits.size() == 1 ? splits[0] : root_;
    for (const fs::path& split : splits) {
      for (const fs::path& folder : folders_in(split)) add_class(folder);
    }
    faults_.finish(dataset_.problems);
    sort_samples(dataset_);
    return std::move(dataset_);
  }

 private:
  void add_class(const fs::path& folder) {
    const int category = category_index(dataset_.categories, folder.filename().string());
    for (const FoundImage& found : scan_folder(folder, {})) {
      const auto place = (folder / found.below).lexically_relative(root_).string();
      faults_.collect(place, [&] {
        if (!found.reason.empty() && found.reason != "vanished" && found.reason != "not_regular")
          throw UserError(kBadInput, place, ": ", found.reason, ": ", found.detail);
        Sample sample;
        sample.image = utf8_path((folder / found.below).lexically_relative(dataset_.image_root));
        sample.labels.push_back({category, {}, {}, {}});
        dataset_.samples.push_back(std::move(sample));
      });
    }
  }

  fs::path root_;
  ImportFaults faults_;
  Dataset dataset_;
};

Dataset read(const fs::path& root, const ReadOptions& options) {
  return Reader(root, options).run();
}

/// Ultralytics reads no folders below a class's, so that names with folders are joined by '_'.
void write(const Dataset& dataset, const fs::path& folder) {
  for (const auto& name : dataset.categories) check_folder_name(name, folder.string());
  std::map<fs::path, std::string> image_of;
  for (const Sample& sample : dataset.samples) {
    const auto key = checked_image_key(sample.image, folder.string());
    auto flat = path_from_utf8(key).string();
    std::replace(flat.begin(), flat.end(), '/', '_');
    for (const Label& label : image_level_labels(sample)) {
      const auto to =
          folder / kSplit / dataset.categories[static_cast<size_t>(label.category)] / flat;
      const auto [first, added] = image_of.try_emplace(to, key);
      if (!added) {
        throw UserError(kOutputExists, folder, ": images '", first->second, "' and '", key,
                        "' would both be ", to.lexically_relative(folder), "; rename one");
      }
      copy_image(image_file(dataset, sample), to);
    }
  }
}

}  // namespace

const DatasetFormat kYoloClassifyFormat{
    .name = "yolo_classify",
    .summary = "Ultralytics classification: train/<class>/ with copies",
    .holds = {.classes = true},
    .recognises = recognises,
    .read_from = read,
    .write = write,
};

}  // namespace preannotate
