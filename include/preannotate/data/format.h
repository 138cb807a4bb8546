#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "preannotate/core/error.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// What a format can say of a label or an image; the rest is lost on writing, which convert() says.
struct FormatHolds {
  bool boxes = false, classes = false;      // objects with a place; classes of the whole image
  bool scores = false, ids = false;         // of labels
  bool crowds = false;                      // regions of many objects
  bool polygons = false, outlines = false;  // outlines that are a single polygon; all outlines
  bool empty_images = false;                // that were looked at and have no label
  bool sizes = false, buckets = false;      // of images
};

struct ReadOptions {
  /// Leave out what is faulty, a problem (`faulty`) each, where reading would throw ImportError.
  bool repair = false;
};

/// One fault of a file of labels.
struct Fault {
  std::string place;    // "annotations[12]", "a.xml:7": what a person looks up
  std::string message;  // what was found, what would be right
};

/// All that is wrong in a file or folder of labels, at most 100; what() groups equal ones.
class ImportError : public UserError {
 public:
  ImportError(const std::string& sentence, std::vector<Fault> faults)
      : UserError(kBadInput, sentence), faults_(std::move(faults)) {}
  const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::vector<Fault> faults_;
};

/// One on-disk annotation format. Adding one: a file in src/data/, a line in src/data/formats.cpp,
/// a fixture in tests/data/. The contract every format meets is tests/data/format_test.cpp.
struct DatasetFormat {
  std::string_view name;     // as typed after --format
  std::string_view summary;  // one line of help
  FormatHolds holds;

  /// Cheap: looks at names and first lines, opens no image.
  bool (*recognises)(const std::filesystem::path& path);
  Dataset (*read_from)(const std::filesystem::path& path, const ReadOptions& options);
  /// Writes below the existing folder `folder`; each file appears whole. Never writes to
  /// dataset.image_root.
  void (*write)(const Dataset& dataset, const std::filesystem::path& folder);

  /// Throws ImportError or another UserError(kBadInput) naming file and line.
  Dataset read(const std::filesystem::path& path, const ReadOptions& options = {}) const {
    return read_from(path, options);
  }
};

/// Every format there is; help, --format, --formats, detection and the contract test follow it.
std::span<const DatasetFormat* const> dataset_formats();

/// Throws UserError(kUsageError) with the nearest and all known names.
const DatasetFormat& format_named(std::string_view name);

/// Throws UserError(kBadInput) when none, or more than one, recognises `path`.
const DatasetFormat& format_of(const std::filesystem::path& path);

/// Reads with `format` ("" = what it looks like). A missing path is UserError(kUsageError); no
/// labelled image at all is kBadInput.
Dataset read_dataset(const std::filesystem::path& path, std::string_view format,
                     const ReadOptions& options = {});

}  // namespace preannotate
