#pragma once

#include <string>
#include <string_view>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"

namespace preannotate {

/// The number of `key`, in [low, high]; else UserError(kBadInput) naming `where`.
template <class Number>
Number within(Number value, Number low, Number high, std::string_view key,
              const std::string& where) {
  if (!(value >= low && value <= high)) {
    throw UserError(kBadInput, where, ": field '", key, "' is ", value, ", expected ", low, " to ",
                    high);
  }
  return value;
}

inline double fraction_field(const Json& json, std::string_view key, const std::string& where) {
  return within(number_field(json, key, where), 0.0, 1.0, key, where);
}

}  // namespace preannotate
