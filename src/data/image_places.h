#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// Finds the images that a file of labels names: in the given folders, in their order, else
/// anywhere below `top`, by the whole name.
class ImagePlaces {
 public:
  ImagePlaces(std::filesystem::path top, std::vector<std::filesystem::path> folders);

  /// Sets image_root to the folder that holds most of the samples, and `elsewhere` for the others.
  /// Samples whose image is nowhere leave the dataset, each with an image_missing problem; if none
  /// is found all stay: such a file is read for its labels alone (a warning says so). Throws
  /// UserError(kBadInput) naming `file` when more than half are missing, or a name fits two files.
  void assign(Dataset& dataset, const std::filesystem::path& file);

 private:
  std::optional<std::filesystem::path> found_below(const std::string& image,
                                                   const std::filesystem::path& file);
  void list_below();

  std::filesystem::path top_;
  std::vector<std::filesystem::path> folders_;
  bool listed_ = false;
  std::multimap<std::string, std::filesystem::path> by_name_;  // all below top_, by last name
};

}  // namespace preannotate
