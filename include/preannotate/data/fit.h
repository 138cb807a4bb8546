#pragma once

#include <string>
#include <vector>

#include "preannotate/data/format.h"

namespace preannotate {

/// What a format will hold of a dataset, and what is lost on the way.
struct Fitted {
  Dataset dataset;
  std::vector<std::string> losses;  // "12 scores are not kept", for people; empty: nothing
};

/// Labels that the format cannot hold are left out, and so are images that lose all of theirs: an
/// image without a label would claim that somebody looked and found nothing. In a format without
/// places boxes become the classes of their image.
Fitted fitted(Dataset dataset, const DatasetFormat& format);

}  // namespace preannotate
