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

/// A JPEG of at most 160 px of the image `key`; "" when it cannot be read again.
std::string thumbnail_jpeg(const Dataset& dataset, const std::string& key);

/// The most confident mistakes as thumbnails; an image that cannot be read again is shown without.
std::vector<ReportPicture> mistake_pictures(const Judged& judged, const std::string& task,
                                            const Dataset& dataset);

/// Writes metrics.json and report.html below `folder`.
void write_report(const std::filesystem::path& folder, const Json& metrics,
                  const std::vector<ReportPicture>& pictures,
                  const std::vector<BoxPicture>& box_pictures = {});

}  // namespace preannotate
