#pragma once

#include <string>

#include "preannotate/quality/class_cost.h"
#include "preannotate/quality/human_cost.h"

namespace preannotate {

/// What a person's actions take, on boxes and on classes of whole images.
struct PersonCost {
  BoxCost boxes;
  ClassCost classes;
};

/// "" gives the defaults; else FILE or FILE:COLUMN, a JSON file {"seconds": {"draw": 7.4 or
/// {"central": 7.4, ...}, ...}} as scripts/bench/human_cost.json; the column is "central" unless
/// named. Actions that the file does not name keep their default. Throws UserError: kUsageError for
/// a file or column that does not exist, kBadInput for a value that is no number from 0 to 3600 or
/// an unknown action.
PersonCost read_person_cost(const std::string& file_and_column);
BoxCost read_box_cost(const std::string& file_and_column);

}  // namespace preannotate
