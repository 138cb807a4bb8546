#include "fitted.h"

#include "preannotate/core/text.h"

namespace preannotate::cli {

std::string fitted(const std::string& name, int width, bool keep_end) {
  const std::string text = printable(name);
  const auto most = static_cast<size_t>(width);
  const auto continues = [&](size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  size_t letters = 0;
  for (size_t i = 0; i < text.size(); ++i) letters += !continues(i);
  if (letters <= most) return text + std::string(most - letters, ' ');
  size_t cut = keep_end ? text.size() : 0;
  for (size_t kept = 0; kept < most - 3; ++kept) {
    do {
      cut += keep_end ? size_t(-1) : size_t(1);
    } while (continues(cut));
  }
  return keep_end ? "..." + text.substr(cut) : text.substr(0, cut) + "...";
}

}  // namespace preannotate::cli
