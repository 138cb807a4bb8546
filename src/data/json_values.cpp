#include "json_values.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

/// Beyond it JavaScript tools, and doubles, mix up neighbouring ids.
constexpr double kLargestId = 9007199254740992.0;
constexpr size_t kLongestShown = 60;

[[noreturn]] void fail(std::string_view key, const std::string& where, const Json& found,
                       std::string_view expected) {
  const auto text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
  throw UserError(kBadInput, where, ": field '", key, "' is ", text.substr(0, kLongestShown),
                  text.size() > kLongestShown ? "..." : "", ", expected ", expected);
}

}  // namespace

double JsonValues::as_number(const Json& value, std::string_view key,
                             const std::string& where) const {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) fail(key, where, value, "a number");
  const auto& text = value.get_ref<const std::string&>();
  double number = 0;
  if (!parse_number(text, number)) {
    const bool comma = text.find(',') != text.npos;
    fail(key, where, value, comma ? "a number with a point, no decimal comma" : "a number");
  }
  notes_.add("number_as_text", where, "field '" + std::string(key) + "' is text, used as a number");
  return number;
}

double JsonValues::number(const Json& object, std::string_view key,
                          const std::string& where) const {
  return as_number(field(object, key, where), key, where);
}

std::vector<double> JsonValues::numbers(const Json& list, std::string_view key,
                                        const std::string& where) const {
  if (!list.is_array()) fail(key, where, list, "a list of numbers");
  std::vector<double> numbers;
  for (const Json& item : list) numbers.push_back(as_number(item, key, where));
  return numbers;
}

std::int64_t JsonValues::id(const Json& object, std::string_view key,
                            const std::string& where) const {
  const Json& value = field(object, key, where);
  const double number = value.is_boolean() ? NAN : as_number(value, key, where);
  if (std::abs(number) >= kLargestId)
    fail(key, where, value, "an id below 9007199254740992 (2^53), which every tool keeps");
  if (std::trunc(number) != number) fail(key, where, value, "a whole number");
  if (value.is_number_float()) {
    notes_.add("id_with_point", where, "field '" + std::string(key) + "' is written with a point");
  }
  return value.is_number_integer() ? value.get<std::int64_t>() : static_cast<std::int64_t>(number);
}

bool has_field(const Json& object, std::string_view key) {
  const auto found = object.find(std::string(key));
  return found != object.end() && !found->is_null();
}

}  // namespace preannotate
