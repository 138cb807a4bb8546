#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/quality/thresholds.h"

namespace preannotate {

/// {"cat": 0.93, "dog": null}: scores by class, null: accept none.
Json accept_scores_json(const AcceptScores& scores, const std::vector<std::string>& classes);

/// Throws UserError(kBadInput): a class that is not among `classes` (with the nearest that is), one
/// that is missing, a value that is no number from 0 to 1.
AcceptScores accept_scores_from(const Json& by_class, const std::vector<std::string>& classes,
                                const std::string& where);

/// Of a JSON file with such an object, or with one as "per_class", by itself or within
/// "thresholds", as run.json has it. Throws the same, and for a file that is none.
AcceptScores read_accept_scores(const std::filesystem::path& file,
                                const std::vector<std::string>& classes);

}  // namespace preannotate
