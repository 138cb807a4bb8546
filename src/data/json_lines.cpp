#include "lint.h"

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"

namespace preannotate {

std::map<std::string, size_t> lines_of_items(const std::filesystem::path& file) {
  std::map<std::string, size_t> lines;
  try {
    stream_json(file, {"", "annotations", "categories", "images", "items"},
                [&](const std::string& list, size_t index, size_t line, const Json&) {
                  lines.emplace(list + "[" + std::to_string(index) + "]", line);
                });
  } catch (const UserError&) {  // reading the labels has said what is wrong
  }
  return lines;
}

}  // namespace preannotate
