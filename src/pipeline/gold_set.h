#pragma once

#include <filesystem>
#include <string>
#include <unordered_set>
#include <vector>

#include "preannotate/pipeline/seed.h"

namespace preannotate {

/// Labels known to be right, that judge champion and challenger.
struct GoldSet {
  std::filesystem::path path;
  Seed seed;                                // its own categories
  std::vector<std::string> sha256;          // [N] of the files
  std::unordered_set<std::string> content;  // the same
  std::string digest;                       // of images and labels
};

/// Throws UserError(kBadInput): as read_seed(), and when an image cannot be read: a gold set
/// that shrinks judges nothing.
GoldSet read_gold(const std::filesystem::path& path, const std::string& format,
                  const std::string& task);

/// Its labels as positions in `classes`, [N]. Throws UserError(kBadInput) for a class that is not
/// among them.
std::vector<std::vector<int>> gold_labels(const GoldSet& gold,
                                          const std::vector<std::string>& classes);

}  // namespace preannotate
