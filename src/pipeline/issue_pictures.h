#pragma once

#include <string>
#include <vector>

#include "preannotate/data/dataset.h"
#include "preannotate/metrics/detection.h"
#include "preannotate/pipeline/report.h"
#include "suspect.h"

namespace preannotate {

/// A suspect as the page shows it.
struct IssuePicture {
  Suspect suspect{};
  std::string image{}, other{};      // keys; other: "" but for duplicates
  std::string jpeg{}, other_jpeg{};  // thumbnails; "": boxes, or an image that cannot be read again
  BoxPicture boxes{};                // of a suspect box
};

/// The first flagged suspects of each kind, and where few are flagged those to look at next.
/// objects: [samples of the data set] what people boxed, for a detector's suspects.
std::vector<IssuePicture> issue_pictures(const std::vector<Suspect>& suspects,
                                         const Dataset& dataset,
                                         const std::vector<std::vector<TruthBox>>& objects);

}  // namespace preannotate
