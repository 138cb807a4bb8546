#include "preannotate/core/json.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

/// What was found, for a message.
std::string shown(const Json& value) {
  constexpr size_t kLongest = 60;
  const auto text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

[[noreturn]] void fail(std::string_view key, const std::string& where, const Json& found,
                       std::string_view expected) {
  throw UserError(kBadInput, where, ": field '", key, "' is ", shown(found), ", expected ",
                  expected);
}

void check_finite(const Json& value) {
  if (value.is_number_float() && !std::isfinite(value.get<double>())) {
    throw std::logic_error("a number that is not finite must not be written as JSON");
  }
  if (value.is_structured()) {
    for (const auto& item : value) check_finite(item);
  }
}

const Json& array_field(const Json& object, std::string_view key, const std::string& where,
                        std::string_view expected) {
  const Json& found = field(object, key, where);
  if (!found.is_array()) fail(key, where, found, expected);
  return found;
}

}  // namespace

std::string json_text(const Json& value, int indent) {
  check_finite(value);
  try {
    return value.dump(indent);
  } catch (const Json::exception& error) {
    throw std::logic_error(error.what());
  }
}

const Json& field(const Json& object, std::string_view key, const std::string& where) {
  if (!object.is_object()) {
    throw UserError(kBadInput, where, ": found ", shown(object),
                    ", expected an object with field '", key, "'");
  }
  const auto found = object.find(std::string(key));
  if (found == object.end()) throw UserError(kBadInput, where, ": field '", key, "' is missing");
  return *found;
}

std::string string_field(const Json& object, std::string_view key, const std::string& where) {
  const Json& found = field(object, key, where);
  if (!found.is_string()) fail(key, where, found, "text");
  return found.get<std::string>();
}

std::int64_t int_field(const Json& object, std::string_view key, const std::string& where) {
  const Json& found = field(object, key, where);
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!found.is_number_integer() ||
      (found.is_number_unsigned() && found.get<std::uint64_t>() > kLargest)) {
    fail(key, where, found, "a whole number");
  }
  return found.get<std::int64_t>();
}

double number_field(const Json& object, std::string_view key, const std::string& where) {
  const Json& found = field(object, key, where);
  if (!found.is_number()) fail(key, where, found, "a number");
  return found.get<double>();
}

bool bool_field(const Json& object, std::string_view key, const std::string& where) {
  const Json& found = field(object, key, where);
  if (!found.is_boolean()) fail(key, where, found, "true or false");
  return found.get<bool>();
}

std::vector<double> numbers_field(const Json& object, std::string_view key,
                                  const std::string& where) {
  std::vector<double> numbers;
  for (const Json& item : array_field(object, key, where, "a list of numbers")) {
    if (!item.is_number()) fail(key, where, item, "only numbers in its list");
    numbers.push_back(item.get<double>());
  }
  return numbers;
}

std::vector<std::string> strings_field(const Json& object, std::string_view key,
                                       const std::string& where) {
  std::vector<std::string> strings;
  for (const Json& item : array_field(object, key, where, "a list of texts")) {
    if (!item.is_string()) fail(key, where, item, "only texts in its list");
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

}  // namespace preannotate
