#pragma once

#include <string>

#include "preannotate/core/json.h"

namespace preannotate {

/// What people made of the drafts as one self-contained page; `statistics` as statistics_json()
/// writes it, with `drafts_folder`, `task` and `tool_version` added.
std::string statistics_page(const Json& statistics);

}  // namespace preannotate
