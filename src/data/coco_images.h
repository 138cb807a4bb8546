#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "json_values.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// The images of a COCO file, found again by id, or by name where ids are text.
class CocoImages {
 public:
  CocoImages(const JsonValues& values, ImportNotes& notes) : values_(values), notes_(notes) {}

  /// Throws UserError for what is wrong with it, also when its id or name is taken.
  void add(const Json& image, size_t position, const std::string& where);

  /// The sample of an annotation; absent when its image is not listed.
  std::optional<size_t> of_annotation(const Json& annotation, const std::string& where) const;

  std::vector<Sample>& samples() { return samples_; }

 private:
  int size_field(const Json& image, const char* key, const std::string& where) const;
  void add_id(const Json& image, size_t position, const std::string& where);
  std::optional<size_t> by_text(const std::string& text, const std::string& where) const;

  const JsonValues& values_;
  ImportNotes& notes_;
  std::vector<Sample> samples_;
  struct Listed {
    size_t sample, position;  // in samples_, and in the file's list
  };
  std::unordered_map<std::int64_t, Listed> by_id_;
  std::map<std::string, Listed> by_text_id_, by_name_;
  std::multimap<std::string, size_t> by_stem_;  // "sub/a" of "sub/a.jpg", and "a" and "a.jpg"
};

}  // namespace preannotate
