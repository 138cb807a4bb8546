#include <set>

#include "file_kind.h"
#include "lint.h"
#include "xml_file.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;

class Lint {
 public:
  explicit Lint(const fs::path& file)
      : name_(file.filename().string()), xml_(file, file.filename().string()) {}

  std::vector<Finding> run() {
    const auto meta = xml_.root().child("meta");
    if (!meta) {
      add(name_, "meta_missing", "has no <meta>, without which the file is not read", {"datumaro"});
      return std::move(findings_);
    }
    std::set<std::string> declared;
    for (const auto attribute : meta.select_nodes(".//labels/label/attributes/attribute/name"))
      declared.insert(attribute.node().text().get());
    std::set<std::string> said;
    for (const auto attribute : xml_.root().select_nodes("image/*/attribute")) {
      const std::string name = attribute.node().attribute("name").value();
      if (declared.contains(name) || !said.insert(name).second) continue;
      add(xml_.where(attribute.node()), "attribute_not_declared",
          "attribute '" + name + "' is declared by no label of <meta>: it is dropped on import",
          {"cvat"});
    }
    return std::move(findings_);
  }

 private:
  void add(std::string place, std::string code, std::string message,
           std::vector<std::string> tools) {
    findings_.push_back({std::move(place), std::move(code), std::move(message), std::move(tools)});
  }

  std::string name_;
  XmlFile xml_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> lint_cvat(const fs::path& path) {
  std::vector<Finding> findings;
  for (const auto& file : is_folder(path) ? files_with(path, ".xml") : std::vector{path}) {
    for (auto& finding : Lint(file).run()) findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace preannotate
