#include "xml_file.h"

#include <algorithm>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"

namespace preannotate {

XmlFile::XmlFile(const std::filesystem::path& path, std::string name)
    : name_(std::move(name)), bytes_(read_file(path)) {
  const auto shown = name_.empty() ? path.string() : name_;
  if (bytes_.starts_with("\xFF\xFE") || bytes_.starts_with("\xFE\xFF"))
    throw UserError(kBadInput, shown, ": the file is UTF-16; save it as UTF-8");
  const auto result = document_.load_buffer(bytes_.data(), bytes_.size(), pugi::parse_default);
  if (!result) {
    throw UserError(kBadInput, shown, ":", line_at(result.offset),
                    ": not valid XML: ", result.description());
  }
}

size_t XmlFile::line_at(std::ptrdiff_t offset) const {
  const auto end =
      std::clamp<std::ptrdiff_t>(offset, 0, static_cast<std::ptrdiff_t>(bytes_.size()));
  return 1 + static_cast<size_t>(std::count(bytes_.begin(), bytes_.begin() + end, '\n'));
}

std::string XmlFile::where(pugi::xml_node node) const {
  const auto line = std::to_string(line_at(node.offset_debug()));
  return name_.empty() ? "line " + line : name_ + ":" + line;
}

std::string XmlFile::text(pugi::xml_node node, const char* child) {
  const std::string text = node.child(child).text().get();
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1);
}

double XmlFile::number(pugi::xml_node node, const char* child) const {
  const auto found = text(node, child);
  const auto place = where(node.child(child) ? node.child(child) : node);
  if (found.empty()) throw UserError(kBadInput, place, ": '", child, "' is missing or empty");
  double value = 0;
  if (!parse_number(found, value)) {
    const bool comma = found.find(',') != found.npos;
    throw UserError(kBadInput, place, ": '", child, "' is '", found.substr(0, 60), "', expected ",
                    comma ? "a number with a point, no decimal comma" : "a number");
  }
  return value;
}

}  // namespace preannotate
