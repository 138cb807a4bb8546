#pragma once

#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/pipeline/report.h"

namespace preannotate::report {

/// What the page says about how the run came about. Each is "" where its data is absent.

std::string advice_section(const Json& metrics);
std::string pictures_section(const std::vector<ReportPicture>& pictures);
std::string penalty_section(const Json& metrics);
std::string feature_section(const Json& metrics);
std::string fine_tune_section(const Json& metrics);
std::string data_section(const Json& metrics);
std::string left_out_section(const Json& metrics);
std::string provenance(const Json& metrics);  // the footer

}  // namespace preannotate::report
