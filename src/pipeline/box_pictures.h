#pragma once

#include <string>
#include <vector>

#include "preannotate/data/dataset.h"
#include "preannotate/pipeline/detection_figures.h"
#include "preannotate/pipeline/report.h"

namespace preannotate {

/// The surroundings of one box with the objects there and the drafts of `shown`, which must hold
/// the subject: an object where it is missed, else a draft.
BoxPicture box_picture(const std::string& image, const DetectionImage& shown,
                       const BoxMistake& subject, const Dataset& dataset);

/// The worst boxes as pictures of at most 320 px: the box with its surroundings, the objects there
/// and the drafts shown. At most `limit` misses and `limit` false boxes; an image that cannot be
/// read again is shown without its picture. `judged.images` are keys of `dataset`.
std::vector<BoxPicture> box_pictures(const JudgedBoxes& judged, const std::vector<double>& conf,
                                     const Dataset& dataset, size_t limit = 12);

}  // namespace preannotate
