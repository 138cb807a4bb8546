#pragma once

#include <cstdint>
#include <vector>

#include "preannotate/data/dataset.h"

namespace preannotate {

/// A square part of an image: an object with what is around it, or a place without objects.
struct Crop {
  size_t sample = 0;              // into Dataset::samples
  int category = 0;               // of the object; of background the number of categories
  double x = 0, y = 0, side = 0;  // image pixels; may reach beyond the image
};

/// At most `most_objects` objects, as many of each category as can be, and as many places of their
/// sizes as a category has objects on average, where they can be found; by image, the same for the
/// same arguments. Crowds are not cropped, nor taken for background. A sample whose size is not
/// known has no crops.
std::vector<Crop> object_crops(const Dataset& dataset, size_t most_objects, std::uint64_t seed);

}  // namespace preannotate
