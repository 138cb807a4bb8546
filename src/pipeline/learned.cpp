#include "learned.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "preannotate/core/files.h"
#include "preannotate/core/json.h"

namespace preannotate {

void write_learned(const std::filesystem::path& run, std::vector<std::string> sha256) {
  std::sort(sha256.begin(), sha256.end());
  sha256.erase(std::unique(sha256.begin(), sha256.end()), sha256.end());
  write_file(run / kLearnedFile, json_text({{"format_version", 1}, {"images", sha256}}, 1) + "\n");
}

std::optional<std::unordered_set<std::string>> read_learned(const std::filesystem::path& run) {
  const auto path = run / kLearnedFile;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  const auto images = strings_field(read_json(path), "images", path.string());
  return std::unordered_set<std::string>(images.begin(), images.end());
}

}  // namespace preannotate
