#pragma once

#include <string>
#include <vector>

#include "preannotate/core/problems.h"
#include "preannotate/data/image_list.h"
#include "preannotate/pipeline/predict.h"

namespace preannotate {

/// What predict is asked to look at.
struct PredictionInputs {
  explicit PredictionInputs(const PredictOptions& options);
  std::vector<std::string> paths(size_t first) const;  // of the images from `first` on

  std::vector<ImageFile> images;  // sorted by key
  std::vector<Problem> left_out;  // by the listing, sorted by key
};

}  // namespace preannotate
