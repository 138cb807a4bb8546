#pragma once

#include <string>

#include "preannotate/core/json.h"

namespace preannotate::report {

/// report.html of a ranking, from the content of rank.json (pipeline/rank.h): one self-contained
/// page like that of train. A part that is absent is left out; everything from outside is escaped.
std::string rank_page(const Json& ranking);

}  // namespace preannotate::report
