#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "all_formats.h"
#include "csv_rows.h"
#include "file_kind.h"
#include "import_faults.h"
#include "label_checks.h"
#include "names.h"
#include "number_text.h"
#include "open_images.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"
#include "preannotate/data/image_list.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFileName = "labels.csv";
const std::vector<std::string> kOwnHeader = {"path", "label", "score", "bucket", "id"};

std::string trimmed(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t");
  if (start == text.npos) return {};
  return std::string(text.substr(start, text.find_last_not_of(" \t") - start + 1));
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// None of a folder with tables of Open Images, which are a format of their own.
std::vector<fs::path> csv_files(const fs::path& folder) {
  auto files = files_with(folder, ".csv");
  if (std::any_of(files.begin(), files.end(), is_open_images_table)) files.clear();
  return files;
}

bool recognises(const fs::path& path) {
  if (is_folder(path)) return !csv_files(path).empty();
  return has_extension(path, ".csv") && !is_open_images_table(path);
}

fs::path file_at(const fs::path& path) {
  if (!is_folder(path)) return path;
  return only_file(path, usual_or_all(csv_files(path), kFileName), ".csv file", kFileName);
}

/// Which column is what. Score, bucket and id are read only from a file with our own header.
struct Columns {
  size_t path = 0, label = 1, count = 2;
  bool ours = false;
};

std::optional<size_t> column_named(const std::vector<std::string>& header,
                                   const std::set<std::string>& names, const std::string& where) {
  std::optional<size_t> found;
  for (size_t i = 0; i < header.size(); ++i) {
    if (!names.contains(header[i])) continue;
    if (found) {
      throw UserError(kBadInput, where, ": both '", header[*found], "' and '", header[i],
                      "' could be the column; keep one");
    }
    found = i;
  }
  return found;
}

std::optional<Columns> header_of(const CsvRow& row, const std::string& where) {
  std::vector<std::string> header;
  for (const auto& name : row.fields) header.push_back(lower_case(trimmed(name)));
  const auto path = column_named(header, {"path", "image", "filename", "file_name"}, where);
  const auto label = column_named(header, {"label", "labels", "class", "category"}, where);
  if (!path || !label) return std::nullopt;
  return Columns{*path, *label, header.size(), header == kOwnHeader};
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t start = 0; !trimmed(text).empty() && start <= text.size();) {
    const size_t end = std::min(text.find(';', start), text.size());
    parts.push_back(trimmed(std::string_view(text).substr(start, end - start)));
    start = end + 1;
  }
  return parts;
}

class Reader {
 public:
  Reader(fs::path file, const ReadOptions& options)
      : file_(std::move(file)), faults_(file_, options) {}

  Dataset run() {
    const auto rows = parse_csv(read_file(file_), file_);
    if (rows.empty())
      throw UserError(kBadInput, file_, ": the file is empty; expected lines of path,label");
    std::optional<Columns> header;
    const bool readable = faults_.collect(where(rows[0]), [&] {
      header = header_of(rows[0], where(rows[0]));
      if (!header) check_first_row(rows[0]);
    });
    if (!readable) faults_.finish(problems_);
    if (header) columns_ = *header;
    for (size_t i = header ? 1 : 0; i < rows.size(); ++i)
      faults_.collect(where(rows[i]), [&] { add(rows[i]); });
    faults_.finish(problems_);
    return finish();
  }

 private:
  static std::string where(const CsvRow& row) { return "line " + std::to_string(row.line); }

  /// A header with other names must not become an image and a class.
  void check_first_row(const CsvRow& row) const {
    if (row.fields.size() == 2 && has_image_extension(row.fields[0])) return;
    throw UserError(
        kBadInput, where(row), ": '", row.fields[0],
        "...' is neither a header with columns path and label nor a line of image path,label");
  }

  void add(const CsvRow& row) {
    if (row.fields.size() != columns_.count) {
      throw UserError(
          kBadInput, where(row), ": ", row.fields.size(),
          row.fields.size() == 1 ? " column" : " columns", ", expected ", columns_.count,
          columns_.count == 2 ? " (path,label; several labels are separated by ';')" : "");
    }
    Sample sample;
    sample.image = checked_image_key(row.fields[columns_.path], where(row));
    const auto labels = split(row.fields[columns_.label]);
    for (const auto& name : labels) {
      check_category_name(name, where(row));
      if (std::count(labels.begin(), labels.end(), name) > 1) {
        throw UserError(kBadInput, where(row), ": label '", name, "' is there twice");
      }
      sample.labels.push_back(
          {index_.try_emplace(name, static_cast<int>(index_.size())).first->second, {}, {}, {}});
    }
    if (columns_.ours) add_draft_columns(row, sample);
    add_once(row, std::move(sample));
  }

  void add_draft_columns(const CsvRow& row, Sample& sample) const {
    const auto parts_of = [&](size_t column) {
      auto parts = split(row.fields[column]);
      if (!parts.empty() && parts.size() != sample.labels.size()) {
        throw UserError(kBadInput, where(row), ": ", sample.labels.size(), " labels and ",
                        parts.size(), " in column ", kOwnHeader[column]);
      }
      return parts;
    };
    const auto scores = parts_of(2), ids = parts_of(4);
    for (size_t i = 0; i < scores.size(); ++i) {
      if (!scores[i].empty())
        sample.labels[i].score =
            checked_score(checked_number(scores[i], "a score", where(row)), "a score", where(row));
    }
    for (size_t i = 0; i < ids.size(); ++i) sample.labels[i].id = ids[i];
    sample.bucket = row.fields[3];
  }

  void add_once(const CsvRow& row, Sample sample) {
    const auto [first, added] = first_.try_emplace(sample.image, row.line, samples_.size());
    if (added) return samples_.push_back(std::move(sample));
    const auto categories = [](const Sample& of) {
      std::set<int> all;
      for (const Label& label : of.labels) all.insert(label.category);
      return all;
    };
    const bool equal = categories(samples_[first->second.second]) == categories(sample);
    throw UserError(kBadInput, where(row), ": '", sample.image, "' is already in line ",
                    first->second.first, ", with ", equal ? "the same" : "another",
                    " label; keep one of the lines");
  }

  Dataset finish() {
    Dataset dataset;
    dataset.image_root = file_.has_parent_path() ? file_.parent_path() : fs::path(".");
    std::vector<int> sorted(index_.size());  // from the order of appearance
    for (const auto& [name, index] : index_) {
      sorted[static_cast<size_t>(index)] = static_cast<int>(dataset.categories.size());
      dataset.categories.push_back(name);
    }
    for (Sample& sample : samples_) {
      for (Label& label : sample.labels)
        label.category = sorted[static_cast<size_t>(label.category)];
    }
    std::sort(samples_.begin(), samples_.end(),
              [](const auto& a, const auto& b) { return a.image < b.image; });
    dataset.samples = std::move(samples_);
    dataset.problems = std::move(problems_);
    return dataset;
  }

  fs::path file_;
  ImportFaults faults_;
  std::vector<Problem> problems_;
  Columns columns_;
  std::map<std::string, int> index_;                        // categories
  std::map<std::string, std::pair<size_t, size_t>> first_;  // image: line and sample
  std::vector<Sample> samples_;
};

Dataset read(const fs::path& path, const ReadOptions& options) {
  return Reader(file_at(path), options).run();
}

/// A part for each label, "" for one without, so that they keep their order; "" when all are.
std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  bool any = false;
  for (size_t i = 0; i < parts.size(); ++i) {
    text += (i ? ";" : "") + parts[i];
    any |= !parts[i].empty();
  }
  return any ? text : "";
}

/// One line for each image; labels, scores and ids joined by ';' in the same order.
std::string row_of(const Sample& sample, const std::vector<std::string>& categories) {
  std::vector<std::string> names, scores, ids;
  for (const Label& label : image_level_labels(sample)) {
    names.push_back(categories[static_cast<size_t>(label.category)]);
    scores.push_back(label.score ? number_text(*label.score, kScoreDecimals) : "");
    ids.push_back(label.id);
  }
  return csv_field(sample.image) + ',' + csv_field(joined(names)) + ',' + joined(scores) + ',' +
         csv_field(sample.bucket) + ',' + csv_field(joined(ids)) + '\n';
}

void write(const Dataset& dataset, const fs::path& folder) {
  const auto path = folder / kFileName;
  for (const auto& name : dataset.categories) {
    if (name.find_first_of(";\r\n") == name.npos) continue;
    throw UserError(kBadInput, path, ": category '", name,
                    "' holds ';' or a line end, which separate labels here; rename it or leave out "
                    "the csv format");
  }
  AtomicFile file(path);
  file.write("path,label,score,bucket,id\n");
  for (const Sample& sample : dataset.samples) file.write(row_of(sample, dataset.categories));
  file.commit();
}

}  // namespace

const DatasetFormat kCsvFormat{
    .name = "csv",
    .summary = "one line per image: path,label[;label...]",
    .holds = {.classes = true, .scores = true, .ids = true, .empty_images = true, .buckets = true},
    .recognises = recognises,
    .read_from = read,
    .write = write,
};

}  // namespace preannotate
