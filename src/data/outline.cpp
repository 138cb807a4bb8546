#include "outline.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "number_text.h"
#include "preannotate/core/json.h"

namespace preannotate {

std::string polygon_segmentation(const std::vector<double>& points) {
  Json polygon = Json::array();
  for (const double value : points) polygon.push_back(rounded(value, kPixelDecimals));
  return json_text(Json::array({polygon}));
}

std::optional<std::vector<double>> single_polygon(const std::string& segmentation) {
  if (segmentation.empty()) return std::nullopt;
  const Json json = parse_json(segmentation, "segmentation");
  if (!json.is_array() || json.size() != 1) return std::nullopt;
  return json[0].get<std::vector<double>>();
}

Corners corners_around(const std::vector<double>& points) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  Corners box{kFar, kFar, -kFar, -kFar};
  for (size_t i = 0; i + 1 < points.size(); i += 2) {
    box = {std::min(box.x1, points[i]), std::min(box.y1, points[i + 1]),
           std::max(box.x2, points[i]), std::max(box.y2, points[i + 1])};
  }
  return box;
}

}  // namespace preannotate
