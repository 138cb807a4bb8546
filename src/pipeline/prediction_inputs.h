#pragma once

#include <string>
#include <vector>

#include "preannotate/data/image_list.h"
#include "preannotate/data/ledger.h"
#include "preannotate/pipeline/predict.h"

namespace preannotate {

/// What predict is asked to look at.
struct PredictionInputs {
  explicit PredictionInputs(const PredictOptions& options);
  std::vector<std::string> paths(size_t first) const;  // of the images from `first` on
  /// Where an image lies, whether it is looked at or answered; "" for another key.
  std::filesystem::path path_of(const std::string& image) const;
  bool is_answered(const std::string& image) const;

  std::vector<ImageFile> images;    // to be looked at, sorted by key
  std::vector<LedgerEntry> given;   // lines that need no look, sorted by key: left out by the
                                    // listing, and of `answered`
  std::vector<ImageFile> answered;  // whose answer stands, sorted by key
};

}  // namespace preannotate
