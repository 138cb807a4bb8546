#include "class_pairs.h"

#include "preannotate/core/error.h"

namespace preannotate::cli {

std::map<std::string, std::string> class_pairs(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> pairs;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals == 0 || equals + 1 == text.size())
      throw UserError(kUsageError, "--map '", text, "': expected OLD=NEW");
    pairs[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return pairs;
}

}  // namespace preannotate::cli
