#include "report_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "preannotate/core/text.h"

namespace preannotate::report {
namespace {

/// Not printf: the decimal point must not depend on the locale.
std::string formatted(double value, std::chars_format format, int digits) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value, format, digits);
  return error == std::errc() ? std::string(text, end) : significant(value, 3);
}

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

}  // namespace

const Json& part(const Json& object, std::string_view key) {
  static const Json absent;
  if (!object.is_object()) return absent;
  const auto found = object.find(std::string(key));
  return found == object.end() ? absent : *found;
}

std::optional<double> number(const Json& object, std::string_view key) {
  const Json& value = part(object, key);
  if (!value.is_number() || !std::isfinite(value.get<double>())) return std::nullopt;
  return value.get<double>();
}

std::string text(const Json& object, std::string_view key) {
  const Json& value = part(object, key);
  return value.is_string() ? html_escape(value.get_ref<const std::string&>()) : "";
}

std::string decimal(double value, int digits) {
  return formatted(value, std::chars_format::fixed, digits);
}

std::string significant(double value, int digits) {
  return formatted(value, std::chars_format::general, digits);
}

std::string percent(double share, int digits) {
  return decimal(100 * share, digits) + " %";
}

std::string counted(double count, std::string_view noun) {
  const auto whole = static_cast<std::uint64_t>(std::clamp(count, 0.0, 1e15));
  return concat({human_count(whole), " ", noun, whole == 1 ? "" : "s"});
}

std::string concat(std::initializer_list<std::string_view> parts) {
  std::string result;
  for (const auto part : parts) result += part;
  return result;
}

std::string section(std::string_view id, std::string_view title, std::string_view body) {
  if (body.empty()) return "";
  return concat({"<section id=\"", id, "\"><h2>", title, "</h2>\n", body, "</section>\n"});
}

std::string scrolling(std::string_view label, std::string_view content) {
  return concat({"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"", label, "\">",
                 content, "</div>\n"});
}

std::string picture_source(std::string_view jpeg) {
  return "data:image/jpeg;base64," + base64(jpeg);
}

std::string bar(double share) {
  return concat({"<i class=\"share\" style=\"width:",
                 significant(100 * std::clamp(share, 0.0, 1.0), 3), "%\"></i>"});
}

std::string bar_cell(double share, std::string_view content) {
  return concat({"<td class=\"bar\">", bar(share), "<span>", content, "</span></td>"});
}

}  // namespace preannotate::report
