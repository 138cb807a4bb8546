#include "wrapped.h"

#include <sstream>

namespace preannotate::cli {

std::string wrapped(const std::string& text) {
  constexpr size_t kWidth = 79, kIndent = 9;
  std::istringstream words(text);
  std::string lines, word;
  size_t column = kIndent;
  while (words >> word) {
    if (column > kIndent && column + 1 + word.size() > kWidth) {
      lines += '\n' + std::string(kIndent, ' ');
      column = kIndent;
    } else if (column > kIndent) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines;
}

}  // namespace preannotate::cli
