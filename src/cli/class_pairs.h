#pragma once

#include <map>
#include <string>
#include <vector>

namespace preannotate::cli {

/// What --map says, "OLD=NEW" each. Throws UserError(kUsageError).
std::map<std::string, std::string> class_pairs(const std::vector<std::string>& texts);

}  // namespace preannotate::cli
