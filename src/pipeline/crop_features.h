#pragma once

#include <string>
#include <vector>

#include "labelled_features.h"
#include "object_crops.h"
#include "preannotate/model/backbone.h"

namespace preannotate {

struct CropOptions {
  DecodeOptions decode;
  int workers = 2;
  int batch = 4;  // crops a forward pass
};

/// Features of crops, each rendered from its image at full size to the backbone's side.
/// LabelledFeatures::samples are positions in `crops`, which are sorted by image. An image that
/// cannot be read, or is not of the size that its labels were made for, goes to `problems`.
LabelledFeatures extract_crops(const Backbone& backbone, const Dataset& dataset,
                               const std::vector<Crop>& crops, const CropOptions& options,
                               Problems& problems);

}  // namespace preannotate
