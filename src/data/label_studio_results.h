#pragma once

#include <filesystem>
#include <string>

#include "category_table.h"
#include "import_faults.h"
#include "json_values.h"
#include "label_checks.h"
#include "preannotate/core/json.h"

namespace preannotate {

/// The field `key`, a list; none when it is missing or null. Throws UserError naming `where`.
const Json& list_in(const Json& object, const char* key, const std::string& where);

/// Text of the field `key`; "" when it is missing or no text.
std::string text_or_empty(const Json& object, const char* key);

/// True for an annotation whose annotator skipped the task: neither a positive nor a negative.
bool is_cancelled(const Json& annotation);

/// Reads what annotations and predictions of a file of Label Studio tasks hold. Labels have their
/// place in the list of categories once finish() was called.
class LabelStudioResults {
 public:
  LabelStudioResults(std::filesystem::path file, const ReadOptions& options)
      : faults(file, options), file_(std::move(file)) {}

  /// The list of tasks; the labelling interface (config.xml), when it lies beside the file, gives
  /// the categories. Throws UserError(kBadInput).
  Json tasks();
  /// Image, size and bucket, as our own tasks carry them.
  Sample sample_of(const Json& task, const std::string& where) const;
  /// Appends the labels of an annotation or a prediction; faults are collected.
  void add_labels(const Json& annotation, const std::string& where, Sample& sample);
  /// Field `score`, [0, 1].
  double score_of(const Json& json, const std::string& where) const;
  /// Throws what is wrong, else sorts the categories of `dataset` and numbers its labels by them.
  void finish();

  ImportFaults faults;
  Dataset dataset;

 private:
  void read_config();
  void add_result(const Json& result, const std::string& where, Sample& sample);
  void add_classes(const Json& value, const Json& meta, Label label, const std::string& where,
                   Sample& sample);
  void add_region(const Json& result, const Json& value, const char* key, Label label,
                  const std::string& where, Sample& sample);
  Corners polygon_corners(const Json& value, const Sample& sample, const std::string& where,
                          Label& label) const;
  Corners rectangle_corners(const Json& value, const Sample& sample, const std::string& where);
  int size_of(const Json& json, const char* key, const std::string& where) const;

  std::filesystem::path file_;
  ImportNotes notes_;
  JsonValues values_{notes_};
  CategoryTable categories_;
};

}  // namespace preannotate
