#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "import_faults.h"
#include "preannotate/core/json.h"

namespace preannotate {

/// Numbers as JSON files of labels in the wild give them. What is accepted although it is not as it
/// should be is noted; all else is UserError(kBadInput) "<where>: field ...".
class JsonValues {
 public:
  explicit JsonValues(ImportNotes& notes) : notes_(notes) {}

  /// A number, also as text ("0.9"); finite.
  double number(const Json& object, std::string_view key, const std::string& where) const;
  std::vector<double> numbers(const Json& list, std::string_view key,
                              const std::string& where) const;
  /// A whole number of at most 2^53, also as 7.0 or "7".
  std::int64_t id(const Json& object, std::string_view key, const std::string& where) const;

 private:
  double as_number(const Json& value, std::string_view key, const std::string& where) const;
  ImportNotes& notes_;
};

/// True when the field is there and not null.
bool has_field(const Json& object, std::string_view key);

}  // namespace preannotate
