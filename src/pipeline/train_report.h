#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/core/problems.h"
#include "preannotate/data/dataset.h"
#include "preannotate/pipeline/figures.h"
#include "preannotate/pipeline/report.h"

namespace preannotate {

/// metrics.json's "left_out".
Json problems_json(const Problems& problems);

/// The most confident mistakes as thumbnails; an image that cannot be read again is shown without.
std::vector<ReportPicture> mistake_pictures(const Judged& judged, const std::string& task,
                                            const Dataset& dataset);

/// Writes metrics.json and report.html below `folder`.
void write_report(const std::filesystem::path& folder, const Json& metrics,
                  const std::vector<ReportPicture>& pictures,
                  const std::vector<BoxPicture>& box_pictures = {});

}  // namespace preannotate
