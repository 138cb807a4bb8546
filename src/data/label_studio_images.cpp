#include "label_studio_images.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "names.h"
#include "preannotate/core/error.h"
#include "preannotate/core/text.h"
#include "preannotate/data/image_list.h"

namespace preannotate {
namespace {

constexpr std::string_view kLocalFiles = "/data/local-files/?d=";
constexpr std::string_view kUploads = "/data/upload/";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// %41 -> A; what is no such sequence stays.
std::string url_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string_view last_part(std::string_view text) {
  return text.substr(text.find_last_of('/') + 1);
}

/// "1a2b3c4d-cat.jpg" -> "cat.jpg"
std::string_view without_upload_digits(std::string_view name) {
  constexpr size_t kDigits = 8;
  const bool added =
      name.size() > kDigits + 1 && name[kDigits] == '-' &&
      std::all_of(name.begin(), name.begin() + kDigits, [](char c) { return hex_digit(c) >= 0; });
  return added ? name.substr(kDigits + 1) : name;
}

/// Of "https://host/a/b.jpg?key=1": "/a/b.jpg".
std::string_view path_of_address(std::string_view text) {
  return text.substr(0, text.find_first_of("?#"));
}

std::string name_of(const std::string& text) {
  if (text.starts_with(kLocalFiles)) return url_decoded(text.substr(kLocalFiles.size()));
  if (text.starts_with(kUploads))
    return url_decoded(without_upload_digits(last_part(path_of_address(text))));
  if (text.find("://") != text.npos) return url_decoded(last_part(path_of_address(text)));
  return text;
}

/// The value of `image`, else of the only key whose value ends like an image's name.
const Json* image_value(const Json& data) {
  if (data.contains("image") && data["image"].is_string()) return &data["image"];
  const Json* found = nullptr;
  for (const auto& [key, value] : data.items()) {
    if (!value.is_string() || !has_image_extension(name_of(value.get<std::string>()))) continue;
    if (found) return nullptr;
    found = &value;
  }
  return found;
}

}  // namespace

std::string label_studio_image(const Json& data, const std::string& where) {
  if (!data.is_object()) throw UserError(kBadInput, where, ": is no object");
  if (data.contains("pa_image"))
    return checked_image_key(string_field(data, "pa_image", where), where);
  const Json* value = image_value(data);
  if (!value) throw UserError(kBadInput, where, ": names no image; expected a field 'image'");
  return checked_image_key(utf8_path(name_of(value->get<std::string>())), where);
}

}  // namespace preannotate
