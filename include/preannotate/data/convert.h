#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "preannotate/core/problems.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

struct ConvertOptions {
  std::filesystem::path from, to;  // labels in any format, or a drafts folder; a new folder
  std::string from_format;         // "": what it looks like
  std::string to_format;
  std::map<std::string, std::string>
      renamed;  // categories: old name -> new; equal names are joined
};

struct ConvertResult {
  std::string from_format;                        // "drafts" for a drafts folder
  size_t images = 0, labels = 0, categories = 0;  // written
  std::vector<std::string> losses;                // what the format cannot hold, for people
  std::vector<Problem> problems;                  // of reading
};

/// Labels of one format into a new folder in another. `from` is not touched. An existing `to` is
/// UserError(kOutputExists): a folder that holds copies of images may hold a person's own too.
ConvertResult convert(const ConvertOptions& options);

/// Gives categories new names; those that then have the same are one. Throws UserError(kUsageError)
/// for an old name that is not there, with the nearest.
void rename_categories(Dataset& dataset, const std::map<std::string, std::string>& renamed);

}  // namespace preannotate
