#pragma once

#include <vector>

#include "preannotate/core/random.h"
#include "preannotate/review/answers.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/selection.h"

namespace preannotate {

/// `wrong` drafts that are known to be wrong and `right` ones known to be right, among images of
/// `gold`, in random order. Drafts that gold shows to be wrong come first, as they are; then
/// drafts made wrong in the way that models are: the most probable class that is not there, or one
/// box shifted to IoU 0.5 with its object. Fewer when gold has no more that can serve.
std::vector<Honeypot> plant_honeypots(const DraftSet& drafts, const Answers& gold, size_t wrong,
                                      size_t right, double iou, Random& random);

}  // namespace preannotate
