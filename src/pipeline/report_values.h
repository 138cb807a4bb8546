#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// Reading of metrics.json for people. A part that is missing, null, of another type or not finite
/// reads as absent, so that no page shows a number that was never measured.
const Json& part(const Json& object, std::string_view key);  // null when absent
std::optional<double> number(const Json& object, std::string_view key);
std::string text(const Json& object, std::string_view key);  // HTML-escaped; "" when absent

std::string decimal(double value, int digits = 3);         // 0.803
std::string significant(double value, int digits = 3);     // 0.01, 3.16e-05
std::string percent(double share, int digits = 1);         // "80.3 %"
std::string counted(double count, std::string_view noun);  // "1 image", "1,050 images"

/// A cell's content: `format(*value)`, or a dash that is read out as "not defined".
template <class Format>
std::string or_dash(const std::optional<double>& value, const Format& format) {
  return value ? format(*value) : "<span class=\"none\" title=\"not defined\">–</span>";
}

std::string concat(std::initializer_list<std::string_view> parts);

/// <section> with its heading; "" for an empty body.
std::string section(std::string_view id, std::string_view title, std::string_view body);

/// Something wide in a box that scrolls sideways by itself, also with the keyboard.
std::string scrolling(std::string_view label, std::string_view content);

/// The `src` of a picture: its bytes as a data URI.
std::string picture_source(std::string_view jpeg);

/// A bar behind what stands beside it; share in [0, 1].
std::string bar(double share);

/// A <td> with such a bar behind `content`.
std::string bar_cell(double share, std::string_view content);

}  // namespace preannotate::report
