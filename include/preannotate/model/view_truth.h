#pragma once

#include <vector>

#include "preannotate/core/box.h"

namespace preannotate {

/// What is known of one view of an image, in frame pixels.
struct ViewTruth {
  std::vector<Box> boxes;
  std::vector<int> categories;  // of each box, index into the classes
  std::vector<Box> ignored;     // crowds: cells in them learn nothing
};

}  // namespace preannotate
