#include <algorithm>
#include <string>
#include <vector>

#include "all_formats.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "preannotate/data/image_list.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

/// Every format there is; help texts, --format, detection and the contract test read this list.
constexpr const DatasetFormat* kFormats[] = {
    &kFolderFormat, &kCsvFormat,      &kCocoFormat, &kVocFormat,          &kLabelStudioFormat,
    &kCvatFormat,   &kDatumaroFormat, &kYoloFormat, &kYoloClassifyFormat, &kOpenImagesFormat,
};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto* format : kFormats) all.emplace_back(format->name);
  return all;
}

/// What to say of a folder no format recognises.
std::string hint(const fs::path& path) {
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (has_image_extension(entry->path())) {
      return ": its images are in no class folders (expected " + path.filename().string() +
             "/<class>/<image>, or a .csv file with path,label, a COCO .json or VOC .xml files)";
    }
  }
  return " is in none of the formats that can be read: " + join_names(names());
}

}  // namespace

std::span<const DatasetFormat* const> dataset_formats() {
  return kFormats;
}

const DatasetFormat& format_named(std::string_view name) {
  for (const auto* format : kFormats) {
    if (format->name == name) return *format;
  }
  const auto known = names();
  const auto nearest = nearest_name(name, known);
  throw UserError(kUsageError, "unknown format '", name, "'",
                  nearest.empty() ? "" : "; did you mean '" + nearest + "'?",
                  "; known: ", join_names(known));
}

const DatasetFormat& format_of(const fs::path& path) {
  const DatasetFormat* found = nullptr;
  for (const auto* format : kFormats) {
    if (!format->recognises(path)) continue;
    if (found) {
      throw UserError(kBadInput, path, " could be ", found->name, " or ", format->name,
                      "; say --format");
    }
    found = format;
  }
  if (!found) throw UserError(kBadInput, path, hint(path));
  return *found;
}

Dataset read_dataset(const fs::path& path, std::string_view format, const ReadOptions& options) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    throw UserError(kUsageError, path, error ? ": " + error.message() : " does not exist");
  }
  const DatasetFormat& chosen = format.empty() ? format_of(path) : format_named(format);
  Dataset dataset = chosen.read(path, options);
  if (std::all_of(dataset.samples.begin(), dataset.samples.end(),
                  [](const Sample& sample) { return sample.labels.empty(); })) {
    throw UserError(kBadInput, path, ": no image has a label");
  }
  return dataset;
}

}  // namespace preannotate
