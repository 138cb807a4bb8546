#pragma once

#include <cstddef>
#include <vector>

#include "preannotate/metrics/detection.h"

namespace preannotate {

/// The boxes of one category in one image, and how far they cover each other.
struct CategoryBoxes {
  std::vector<int> drafts;      // positions in the image; best score first, equal ones in order
  std::vector<int> truth;       // positions in the image
  std::vector<char> crowd;      // [truth]
  std::vector<double> overlap;  // [drafts][truth]: IoU; with a crowd, the share of the draft on it

  double overlap_of(size_t draft, size_t with) const {
    return overlap[draft * truth.size() + with];
  }
};

/// Square pixels, in double: sizes and overlaps may lie exactly on a threshold.
double area_of(const Box& box);

/// The best `most` drafts of a category and all its truth boxes.
CategoryBoxes boxes_of_category(const DetectionImage& image, int category, size_t most);

/// 0 .. boxes.truth.size() - 1, ignored ones last.
std::vector<size_t> ignored_last(const std::vector<char>& ignored);

/// COCOeval's greedy matching: for each draft the truth box of largest overlap >= `threshold`, or
/// -1; positions in boxes.drafts and boxes.truth. A truth box is found once, a crowd any number of
/// times; one that is not ignored comes before any that is. `order`: ignored_last(ignored).
std::vector<int> match_greedily(const CategoryBoxes& boxes, const std::vector<char>& ignored,
                                const std::vector<size_t>& order, double threshold);

}  // namespace preannotate
