#pragma once

#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/core/problems.h"

namespace preannotate::cli {

/// [{"input", "reason", "detail"}]
Json problems_json(const std::vector<Problem>& problems);

/// A line on stderr for each reason, with its count and its first case. True when something was
/// left out, not only used with a warning.
bool warn_of(const std::vector<Problem>& problems);

/// "folder, csv, coco, ...": the formats there are.
std::string format_list();

}  // namespace preannotate::cli
