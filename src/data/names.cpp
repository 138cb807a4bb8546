#include "names.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "preannotate/core/error.h"
#include "preannotate/core/text.h"

namespace preannotate {
namespace {

constexpr size_t kLongestCategory = 256;

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c));
}

/// "https://...", "file:/...", "data:..."; "C:\\..." is a Windows drive.
bool has_scheme(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == text.npos || colon == 0 || !is_letter(text[0])) return false;
  const auto after = text.substr(colon + 1);
  const bool scheme =
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
      });
  return scheme && (after.starts_with('/') || after.starts_with('\\') ||
                    text.starts_with("file:") || text.starts_with("data:"));
}

bool has_way_up(const std::string& text) {
  for (size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find_first_of("/\\", start), text.size());
    if (std::string_view(text).substr(start, end - start) == "..") return true;
    start = end + 1;
  }
  return false;
}

}  // namespace

std::string checked_image_key(const std::string& text, const std::string& where) {
  const auto refuse = [&](const char* why) {
    throw UserError(kBadInput, where, ": unsafe_path: '", text, "' ", why,
                    "; expected a path below the image folder");
  };
  if (text.empty()) throw UserError(kBadInput, where, ": the image path is empty");
  if (text.find('\0') != text.npos) refuse("holds a zero byte");
  if (has_way_up(text)) refuse("leads out of its folder");
  const auto key = std::filesystem::path(text).lexically_normal().generic_string();
  // Of the key: "./C:/a.jpg" becomes a drive's path only without its "./".
  if (key.starts_with('/') || key.starts_with('\\')) refuse("is absolute");
  if (has_scheme(key)) refuse("is a drive or an address");
  if (key == "." || key.ends_with('/')) {
    throw UserError(kBadInput, where, ": '", text, "' names a folder, expected an image");
  }
  return key;
}

void check_folder_name(const std::string& name, const std::string& where) {
  if (!name.empty() && name[0] != '.' && name.size() <= 255 &&
      name.find_first_of(std::string_view("/\0", 2)) == name.npos) {
    return;
  }
  throw UserError(kBadInput, where, ": category '", name,
                  "' cannot be a folder's name; rename it or choose another format");
}

void check_category_name(const std::string& name, const std::string& where) {
  const auto refuse = [&](const std::string& why) {
    throw UserError(kBadInput, where, ": category '", name.substr(0, 60), "' ", why);
  };
  if (name.empty()) throw UserError(kBadInput, where, ": a category name is empty");
  if (name.size() > kLongestCategory) {
    refuse("... has " + std::to_string(name.size()) + " bytes, at most " +
           std::to_string(kLongestCategory) + " are usable");
  }
  if (!is_valid_utf8(name)) refuse("is not UTF-8");
  if (printable(name) != name) refuse("holds control characters");
  if (name.front() == ' ' || name.back() == ' ') refuse("starts or ends with a space");
}

}  // namespace preannotate
