#pragma once

#include <string>
#include <vector>

#include "issue_pictures.h"
#include "preannotate/core/json.h"

namespace preannotate {

/// report.html of `issues`: one self-contained page like report_html()'s, the suspects grouped by
/// kind in the order given. All figures come from `issues`, the content of issues.json.
std::string issues_page(const Json& issues, const std::vector<IssuePicture>& pictures);

}  // namespace preannotate
