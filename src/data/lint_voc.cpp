#include <set>
#include <sstream>
#include <system_error>

#include "lint.h"
#include "preannotate/core/files.h"
#include "preannotate/core/text.h"
#include "voc.h"
#include "xml_file.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

/// What the lists of ImageSets/Main name; nullopt without such lists.
std::optional<std::set<std::string>> listed_ids(const fs::path& path) {
  const fs::path folder = path / "ImageSets" / "Main";
  std::error_code error;
  if (!fs::is_directory(folder, error)) return std::nullopt;
  std::set<std::string> ids;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    std::istringstream lines(read_file(entry.path()));
    std::string line;
    while (std::getline(lines, line)) {
      if (line.ends_with('\r')) line.pop_back();
      ids.insert(line);
    }
  }
  return ids;
}

}  // namespace

std::vector<Finding> lint_voc(const fs::path& path) {
  std::vector<Finding> findings;
  std::error_code error;
  if (!fs::exists(path / "labelmap.txt", error)) {
    findings.push_back({"labelmap.txt",
                        "labelmap_missing",
                        "without it the classes are those of VOC 2012, and others are refused",
                        {"cvat", "datumaro"}});
  }
  const auto ids = listed_ids(path);
  if (!ids) {
    findings.push_back({"ImageSets/Main",
                        "image_sets_missing",
                        "without lists no file of annotations is read",
                        {"cvat", "datumaro"}});
    return findings;
  }
  for (const fs::path& file : voc_files(path)) {
    const auto id = fs::path(file).replace_extension().generic_string();
    if (!ids->contains(printable(id))) {
      findings.push_back({utf8_path(file),
                          "not_listed",
                          "is in no list of ImageSets/Main, so that it is not read",
                          {"cvat", "datumaro"}});
    }
  }
  return findings;
}

}  // namespace preannotate
