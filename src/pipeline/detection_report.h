#pragma once

#include <filesystem>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/data/dataset.h"
#include "preannotate/pipeline/detection_figures.h"

namespace preannotate {

/// Writes metrics.json and report.html of a detector below `folder`; the pictures show the worst
/// misses and false boxes of `judged`, whose images are found in `dataset`.
void write_detection_report(const std::filesystem::path& folder, const Json& metrics,
                            const JudgedBoxes& judged, const std::vector<double>& conf,
                            const Dataset& dataset);

/// The figures of a validation that run.json repeats; null when there is none.
Json detection_headline(const Json& validation);

}  // namespace preannotate
