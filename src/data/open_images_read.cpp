#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "category_table.h"
#include "csv_rows.h"
#include "file_kind.h"
#include "import_faults.h"
#include "label_checks.h"
#include "names.h"
#include "open_images.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"
#include "preannotate/data/image_list.h"
#include "preannotate/headers/image_size.h"
#include "scan_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

/// A table whose columns are found by name.
class Table {
 public:
  explicit Table(const fs::path& file)
      : name_(file.filename().string()), rows_(parse_csv(read_file(file), file)) {
    if (rows_.empty()) throw UserError(kBadInput, file, ": the file is empty");
    for (size_t i = 0; i < rows_[0].fields.size(); ++i) columns_[rows_[0].fields[i]] = i;
  }
  bool has(const std::string& column) const { return columns_.contains(column); }
  size_t size() const { return rows_.size() - 1; }
  std::string where(size_t row) const { return name_ + ":" + std::to_string(rows_[row + 1].line); }
  void check(size_t row) const {
    const auto found = rows_[row + 1].fields.size(), expected = rows_[0].fields.size();
    if (found != expected) {
      throw UserError(kBadInput, where(row), ": has ", found, " columns, expected ", expected);
    }
  }
  /// "" when there is no such column.
  std::string text(size_t row, const std::string& column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() ? "" : rows_[row + 1].fields[found->second];
  }
  double number(size_t row, const std::string& column) const {
    return checked_number(text(row, column), column, where(row));
  }

 private:
  std::string name_;
  std::vector<CsvRow> rows_;
  std::map<std::string, size_t> columns_;
};

class Reader {
 public:
  Reader(const fs::path& path, const ReadOptions& options)
      : path_(path),
        folder_(is_folder(path)          ? path
                : path.has_parent_path() ? path.parent_path()
                                         : "."),
        faults_(path, options) {}

  Dataset run() {
    find_images();
    read_classes();
    std::vector<fs::path> labels;
    for (const auto& file : is_folder(path_) ? files_with(path_, ".csv") : std::vector{path_}) {
      if (!is_open_images_table(file)) continue;
      const Table table(file);
      if (table.has("LabelName")) {
        labels.push_back(file);
      } else {
        add_images(table);
      }
    }
    if (labels.empty())
      throw UserError(kBadInput, path_, ": has no table with columns ImageID and LabelName");
    for (const auto& file : labels) add_labels(Table(file));
    faults_.finish(dataset_.problems);
    return finish();
  }

 private:
  /// The ids of Open Images are names without extension.
  void find_images() {
    const fs::path images = folder_ / "images";
    dataset_.image_root = is_folder(images) ? images : folder_;
    for (const FoundImage& found : scan_folder(dataset_.image_root, {})) {
      if (!found.reason.empty()) continue;
      by_stem_.emplace(utf8_path(fs::path(found.below).replace_extension()),
                       utf8_path(found.below));
    }
  }

  void read_classes() {
    const fs::path file = folder_ / "classes.csv";
    std::error_code error;
    if (!fs::exists(file, error)) return;
    const auto rows = parse_csv(read_file(file), file);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i == 0 && rows[i].fields[0] == "LabelName") continue;
      const auto where = "classes.csv:" + std::to_string(rows[i].line);
      faults_.collect(where, [&] {
        const auto& fields = rows[i].fields;
        if (fields.size() != 2)
          throw UserError(kBadInput, where, ": expected LabelName,DisplayName");
        display_name_[fields[0]] = fields[1];
        categories_.list(fields[1], where);
      });
    }
  }

  /// The sample of an ImageID.
  Sample& sample_of(const std::string& id, const std::string& where) {
    const auto known = samples_.find(id);
    if (known != samples_.end()) return known->second;
    auto key = checked_image_key(id, where);
    if (!has_image_extension(key)) {
      const auto [first, last] = by_stem_.equal_range(key);
      if (first != last) key = first->second;
    }
    Sample& sample = samples_[id];
    sample.image = key;
    return sample;
  }

  void add_images(const Table& table) {
    for (size_t row = 0; row < table.size(); ++row) {
      const auto where = table.where(row);
      faults_.collect(where, [&] {
        table.check(row);
        Sample& sample = sample_of(table.text(row, "ImageID"), where);
        if (table.has("Width")) sample.width = side_of(table, row, "Width");
        if (table.has("Height")) sample.height = side_of(table, row, "Height");
        sample.bucket = table.text(row, "Bucket");
      });
    }
  }

  static int side_of(const Table& table, size_t row, const char* column) {
    return checked_side(table.number(row, column), column, table.where(row));
  }

  void add_labels(const Table& table) {
    const bool boxes = table.has("XMin");
    for (size_t row = 0; row < table.size(); ++row) {
      const auto where = table.where(row);
      faults_.collect(where, [&] {
        table.check(row);
        add_label(table, row, where, boxes);
      });
    }
  }

  void add_label(const Table& table, size_t row, const std::string& where, bool boxes) {
    Sample& sample = sample_of(table.text(row, "ImageID"), where);
    Label label;
    const auto name = table.text(row, "LabelName");
    const auto display = display_name_.find(name);
    label.category = categories_.number(display == display_name_.end() ? name : display->second,
                                        where, "classes.csv");
    label.id = table.text(row, "DraftID");
    const double confidence = checked_score(
        table.has("Confidence") ? table.number(row, "Confidence") : 1, "Confidence", where);
    const auto source = table.text(row, "Source");
    const bool drafted = source.starts_with(kOpenImagesDrafts);
    if (source.starts_with(kOpenImagesDrafts + "-"))
      dataset_.model_version = source.substr(kOpenImagesDrafts.size() + 1);
    if (drafted) label.score = confidence;
    // Of people, 0 says that the class was looked for and is not in the image.
    if (!drafted && confidence == 0 && !boxes) return;
    label.crowd = table.text(row, "IsGroupOf") == "1";
    if (boxes && !add_box(table, row, where, sample, label)) return;
    sample.labels.push_back(label);
  }

  bool add_box(const Table& table, size_t row, const std::string& where, Sample& sample,
               Label& label) {
    if (sample.width <= 0 || sample.height <= 0) read_size(sample);
    if (sample.width <= 0 || sample.height <= 0) {
      throw UserError(kBadInput, where, ": the size of image '", sample.image,
                      "' is not known: it is not below ", dataset_.image_root,
                      " and not in images.csv");
    }
    const auto corner = [&](const char* column, int size) {
      return table.number(row, column) * size;
    };
    const Corners corners{corner("XMin", sample.width), corner("YMin", sample.height),
                          corner("XMax", sample.width), corner("YMax", sample.height)};
    return place_box(corners, where, sample, label, dataset_.problems);
  }

  void read_size(Sample& sample) const {
    const auto size = image_size_of(dataset_.image_root / path_from_utf8(sample.image));
    if (!size || size->width > kLongestSide || size->height > kLongestSide) return;
    sample.width = static_cast<int>(size->width);
    sample.height = static_cast<int>(size->height);
  }

  Dataset finish() {
    for (auto& [id, sample] : samples_) dataset_.samples.push_back(std::move(sample));
    categories_.finish(dataset_);
    sort_samples(dataset_);
    return std::move(dataset_);
  }

  fs::path path_, folder_;
  ImportFaults faults_;
  std::multimap<std::string, std::string> by_stem_;  // images there are, by key without extension
  std::map<std::string, std::string> display_name_;  // by LabelName
  CategoryTable categories_;
  std::map<std::string, Sample> samples_;  // by ImageID
  Dataset dataset_;
};

}  // namespace

Dataset read_open_images(const fs::path& path, const ReadOptions& options) {
  return Reader(path, options).run();
}

}  // namespace preannotate
