#include "preannotate/core/error.h"

#include "preannotate/core/text.h"

namespace preannotate {

void UserError::append(std::ostringstream& out, const std::filesystem::path& part) {
  out << part.string();
}

std::string UserError::escape(const std::string& text) {
  return printable(text);
}

}  // namespace preannotate
