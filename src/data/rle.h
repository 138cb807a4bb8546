#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "box_check.h"
#include "preannotate/core/json.h"

namespace preannotate {

/// A mask as COCO writes it: lengths of runs down the columns, the first of zeros.
struct RunLengths {
  int height = 0, width = 0;
  std::vector<std::int64_t> counts;  // sum height * width
};

/// COCO's compressed counts: 6 bits a character from '0' on, of which the 6th says that more
/// follow, low bits first; from the 4th count on the difference to the count two before. Throws
/// UserError(kBadInput) naming `where`.
std::vector<std::int64_t> decompressed_counts(std::string_view text, const std::string& where);

/// {"size": [height, width], "counts": [...] or "..."}. Throws UserError(kBadInput) naming `where`,
/// also when the counts do not sum to the size.
RunLengths run_lengths(const Json& json, const std::string& where);

/// The corners around what is in the mask; of no area when nothing is.
Corners corners_around(const RunLengths& mask);

}  // namespace preannotate
