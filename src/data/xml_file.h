#pragma once

#include <cstddef>
#include <filesystem>
#include <pugixml.hpp>
#include <string>
#include <vector>

namespace preannotate {

/// A parsed XML file. No document type is followed and no entity but XML's own five is known, so
/// nothing outside the file is read.
class XmlFile {
 public:
  /// Throws UserError(kBadInput) "<name>:line: ..."; `name` is what messages call the file; ""
  /// when they name it anyway.
  XmlFile(const std::filesystem::path& path, std::string name);

  pugi::xml_node root() const { return document_.document_element(); }
  /// "<name>:7", the line of an element; "line 7" without a name.
  std::string where(pugi::xml_node node) const;

  /// The text of a child, without spaces around it; "" when there is none.
  static std::string text(pugi::xml_node node, const char* child);
  /// Throws UserError for what is missing or no finite number.
  double number(pugi::xml_node node, const char* child) const;

 private:
  size_t line_at(std::ptrdiff_t offset) const;
  std::string name_, bytes_;
  std::vector<std::ptrdiff_t> line_ends_;  // offsets: a large file has a place for each shape
  pugi::xml_document document_;
};

}  // namespace preannotate
