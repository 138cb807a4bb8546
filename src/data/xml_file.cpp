#include "xml_file.h"

#include <algorithm>

#include "label_checks.h"
#include "preannotate/core/error.h"
#include "preannotate/core/files.h"

namespace preannotate {

XmlFile::XmlFile(const std::filesystem::path& path, std::string name)
    : name_(std::move(name)), bytes_(read_file(path)) {
  const auto shown = name_.empty() ? path.string() : name_;
  if (bytes_.starts_with("\xFF\xFE") || bytes_.starts_with("\xFE\xFF"))
    throw UserError(kBadInput, shown, ": the file is UTF-16; save it as UTF-8");
  for (size_t at = 0; (at = bytes_.find('\n', at)) != bytes_.npos; ++at)
    line_ends_.push_back(static_cast<std::ptrdiff_t>(at));
  const auto result = document_.load_buffer(bytes_.data(), bytes_.size(), pugi::parse_default);
  if (!result) {
    throw UserError(kBadInput, shown, ":", line_at(result.offset),
                    ": not valid XML: ", result.description());
  }
}

size_t XmlFile::line_at(std::ptrdiff_t offset) const {
  return 1 + static_cast<size_t>(std::lower_bound(line_ends_.begin(), line_ends_.end(), offset) -
                                 line_ends_.begin());
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
  return checked_number(found, "'" + std::string(child) + "'", place);
}

}  // namespace preannotate
