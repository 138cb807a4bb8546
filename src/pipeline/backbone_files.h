#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace preannotate {

/// A backbone to be tried.
struct BackboneFile {
  std::string name;  // its file's, without extension; the path as given where two are alike
  std::filesystem::path path;
};

/// wanted: files, or names in models/manifest.json; none: those of the manifest whose file is
/// there. A file given twice is listed once. Throws UserError(kUsageError) for a word that is
/// neither a name nor a path (has no '/' or '.', and there is no such file).
std::vector<BackboneFile> backbone_files(const std::vector<std::string>& wanted);

}  // namespace preannotate
