#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/pipeline/report.h"

namespace preannotate::report {

/// What the page of a detector says, from metrics.json. Each is "" where its data is absent; only
/// the headline then says that there is no estimate, and why.

/// Everything below the kind of the report.
std::string detection_page(const Json& metrics, const std::vector<BoxPicture>& worst);

/// One sentence for <title>, and the <h1> with its explanation.
std::string detection_headline_words(const Json& metrics);
std::string detection_headline(const Json& metrics);
std::string detection_key_figures(const Json& metrics);

std::string effort_section(const Json& metrics);
std::string box_class_section(const Json& metrics);  // weakest first
std::string precision_recall_section(const Json& metrics);
std::string box_calibration_section(const Json& metrics);
std::string size_section(const Json& metrics);
std::string training_curve_section(const Json& metrics);

/// The picture with its boxes drawn, or a blank where it cannot be shown; `alternative` is escaped.
std::string shot(const BoxPicture& picture, std::string_view alternative);
std::string box_legend();
std::string box_pictures_section(const std::vector<BoxPicture>& pictures);

}  // namespace preannotate::report
