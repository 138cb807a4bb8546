#pragma once

#include <optional>
#include <string>
#include <vector>

#include "box_check.h"

namespace preannotate {

/// One polygon, x1,y1,x2,y2,... in pixels, as Label::segmentation.
std::string polygon_segmentation(const std::vector<double>& points);

/// The points of a Label::segmentation that is a single polygon; nullopt for several, and for RLE.
std::optional<std::vector<double>> single_polygon(const std::string& segmentation);

/// The corners around x1,y1,x2,y2,...; of no area when there are no points.
Corners corners_around(const std::vector<double>& points);

}  // namespace preannotate
