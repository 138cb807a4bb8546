#include "report_loop_chart.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "preannotate/core/text.h"
#include "report_drawing.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

constexpr double kBottom = 210, kHeight = 252;

struct Point {
  double labelled, value;
};

std::vector<Point> points_of(const Json& curve, std::string_view key, double unit) {
  std::vector<Point> points;
  for (const auto& round : curve.is_array() ? curve : Json::array()) {
    const auto labelled = number(round, "labelled"), value = number(round, key);
    if (labelled && value) points.push_back({*labelled, unit * *value});
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const Point& a, const Point& b) { return a.labelled < b.labelled; });
  return points;
}

std::string labelled_axis(const Scale& x) {
  const double step = std::max(1.0, tick_step(x.high - x.low));
  std::string svg = line(kLeft, kBottom, kRight, kBottom, "axis");
  for (double tick = 0; tick <= x.high + 1e-9; tick += step) {
    svg += line(x(tick), kBottom, x(tick), kBottom + 4, "axis");
    svg += label(x(tick), kBottom + 17, tick + step > x.high ? "end" : "middle",
                 human_count(static_cast<std::uint64_t>(std::clamp(tick, 0.0, 1e15))));
  }
  return svg + label((kLeft + kRight) / 2, kBottom + 36, "middle", "images labelled");
}

}  // namespace

std::string round_chart(const Json& curve, std::string_view key, double unit,
                        std::string_view name) {
  const auto points = points_of(curve, key, unit);
  if (points.size() < 2) return "";
  double high = 0;
  for (const auto& point : points) high = std::max(high, point.value);
  const Scale x{0, points.back().labelled * 1.03, kLeft, kRight};
  const Scale y{0, high > 0 ? 1.08 * high : 1, kBottom, kTop};
  std::string svg = value_axis(y) + labelled_axis(x) + upright_label((kBottom + kTop) / 2, name);
  std::string course, dots;
  for (const auto& point : points) {
    course += concat({at(x(point.labelled)), ",", at(y(point.value)), " "});
    dots += dot(x(point.labelled), y(point.value), "dot",
                concat({decimal(point.labelled, 0), " labelled: ", decimal(point.value, 2)}));
  }
  svg += concat({"<polyline class=\"course\" points=\"", course, "\"/>"}) + dots;
  return drawing(kHeight, concat({name, " against images labelled"}), svg);
}

}  // namespace preannotate::report
