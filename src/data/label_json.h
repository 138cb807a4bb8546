#pragma once

#include <string>
#include <vector>

#include "preannotate/core/json.h"
#include "preannotate/data/dataset.h"

namespace preannotate {

/// {"id":...,"category":"cat","score":0.93,"bbox":[x,y,width,height]} and, where they are known,
/// iscrowd and segmentation.
Json label_json(const Label& label, const std::vector<std::string>& categories);

/// The list of such objects in field `key`. Throws UserError(kBadInput) naming `where`.
std::vector<Label> parse_labels(const Json& json, const char* key,
                                const std::vector<std::string>& categories,
                                const std::string& where);

}  // namespace preannotate
