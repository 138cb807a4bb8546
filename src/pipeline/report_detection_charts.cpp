#include "report_detection_charts.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "preannotate/core/text.h"
#include "report_drawing.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

struct Point {
  double x, y;
};

std::string polyline(const std::vector<Point>& points, const Scale& x, const Scale& y,
                     std::string_view kind) {
  std::string course;
  for (const auto& point : points) course += concat({at(x(point.x)), ",", at(y(point.y)), " "});
  return concat({"<polyline class=\"", kind, "\" points=\"", course, "\"/>"});
}

/// Pairs of two lists of numbers in [0, 1]; those that are none are left out.
std::vector<Point> shares_of(const Json& curve) {
  const Json &recall = part(curve, "recall"), &precision = part(curve, "precision");
  std::vector<Point> points;
  if (!recall.is_array() || !precision.is_array()) return points;
  for (size_t i = 0; i < std::min(recall.size(), precision.size()); ++i) {
    if (!recall[i].is_number() || !precision[i].is_number()) continue;
    const Point point{recall[i].get<double>(), precision[i].get<double>()};
    const auto share = [](double v) { return v >= 0 && v <= 1; };
    if (share(point.x) && share(point.y)) points.push_back(point);
  }
  return points;
}

std::vector<Point> points_of(const Json& list, std::string_view x, std::string_view y) {
  std::vector<Point> points;
  for (const auto& entry : list.is_array() ? list : Json::array()) {
    const auto at_x = number(entry, x), at_y = number(entry, y);
    if (at_x && at_y) points.push_back({*at_x, *at_y});
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.x < b.x; });
  return points;
}

/// One of two panels above each other: its numbers, its name and its course.
std::string panel(const std::vector<Point>& points, const Scale& x, double bottom, double top,
                  std::string_view name, bool from_zero) {
  if (points.empty()) return "";
  double low = from_zero ? 0 : points[0].y, high = points[0].y;
  for (const auto& point : points) low = std::min(low, point.y), high = std::max(high, point.y);
  const double margin = std::max({0.06 * (high - low), 1e-6 * std::abs(high), 1e-4});
  const Scale y{from_zero ? low : low - margin, high + margin, bottom, top};
  std::string svg = value_axis(y) + upright_label((bottom + top) / 2, name);
  svg += line(kLeft, bottom, kRight, bottom, "axis") + polyline(points, x, y, "course");
  for (const auto& point : points) {
    svg += dot(x(point.x), y(point.y), "dot",
               concat({"step ", decimal(point.x, 0), ": ", decimal(point.y)}));
  }
  return svg;
}

std::string step_axis(const Scale& x, double bottom) {
  const double step = std::max(1.0, tick_step(x.high - x.low));
  std::string svg;
  for (double tick = 0; tick <= x.high + 1e-9; tick += step) {
    svg += line(x(tick), bottom, x(tick), bottom + 4, "axis");
    svg += label(x(tick), bottom + 17, "middle",
                 human_count(static_cast<std::uint64_t>(std::clamp(tick, 0.0, 1e15))));
  }
  return svg + label((kLeft + kRight) / 2, bottom + 34, "middle", "optimiser steps");
}

std::string upright_mark(double x, double bottom, double words_at, std::string_view words) {
  const bool right = x > 250;
  return line(x, bottom, x, kTop, "chosen") +
         label(x + (right ? -5 : 5), words_at, right ? "end" : "start", words);
}

std::string conf_axis(const Scale& x, double bottom) {
  std::string svg;
  for (int tick = 0; tick <= 100; tick += 25) {
    const double conf = tick / 100.0;
    svg += line(x(conf), bottom, x(conf), bottom + 4, "axis");
    svg += label(x(conf), bottom + 17, tick == 100 ? "end" : "middle", decimal(conf, 2));
  }
  return svg + label((kLeft + kRight) / 2, bottom + 34, "middle", "drafts shown from this score");
}

/// What was chosen: one score, or the range of those of the classes, at the seconds it takes.
std::string chosen_mark(const Json& classes, const Scale& x, double y, double seconds) {
  double low = 1, high = 0;
  for (const auto& entry : classes.is_array() ? classes : Json::array()) {
    const double conf = std::clamp(number(entry, "conf").value_or(-1), -1.0, 1.0);
    if (conf < 0) continue;
    low = std::min(low, conf), high = std::max(high, conf);
  }
  if (low > high) return "";
  const double middle = (x(low) + x(high)) / 2;
  const bool one = high - low < 0.005;
  const std::string words =
      concat({"chosen", one ? " " + decimal(low, 2) : "", ": ", human_seconds(seconds)});
  std::string svg;
  if (!one) {
    svg += line(x(low), y, x(high), y, "span") + line(x(low), y - 5, x(low), y + 5, "span") +
           line(x(high), y - 5, x(high), y + 5, "span");
  }
  svg += dot(middle, y, "mark", words);
  const double beside = std::clamp(middle, kLeft + 55, kRight - 55);
  return svg + label(beside, y + 20, "middle", words);
}

}  // namespace

std::string precision_recall_chart(const Json& curve, const Json& figures) {
  const auto points = shares_of(curve);
  if (points.empty()) return "";
  const Scale x{0, 1, 34, 206}, y{0, 1, 160, kTop};
  std::string svg;
  for (int tick = 0; tick <= 100; tick += 50) {
    const double share = tick / 100.0;
    svg +=
        line(x(0), y(share), x(1), y(share), "grid") + line(x(share), y(0), x(share), y(1), "grid");
    svg += label(28, y(share) + 4, "end", std::to_string(tick));
    svg += label(x(share), 175, tick == 100 ? "end" : "middle", std::to_string(tick));
  }
  auto filled = points;
  filled.insert(filled.begin(), {points.front().x, 0});
  filled.push_back({points.back().x, 0});
  svg += polyline(filled, x, y, "under") + polyline(points, x, y, "course");
  const auto recall = number(figures, "recall"), precision = number(figures, "precision");
  if (recall && precision && *recall >= 0 && *recall <= 1 && *precision >= 0 && *precision <= 1) {
    svg += dot(x(*recall), y(*precision), "mark",
               concat({"shown drafts: ", percent(*recall), " of the objects found, ",
                       percent(*precision), " right"}));
  }
  return concat(
      {"<svg viewBox=\"0 0 212 180\" role=\"img\" aria-label=\"Precision against recall "
       "of ",
       text(curve, "name"), "\">", svg, "</svg>"});
}

std::string training_chart(const Json& training) {
  const Json& checks = part(training, "checks");
  const auto loss = points_of(checks, "step", "loss"), found = points_of(checks, "step", "map50");
  if (loss.size() < 2 && found.size() < 2) return "";
  double last = 1;
  for (const auto* points : {&loss, &found}) {
    for (const auto& point : *points) last = std::max(last, point.x);
  }
  const Scale x{0, last, kLeft + 10, kRight - 12};
  const bool both = !loss.empty() && !found.empty();
  std::string svg =
      panel(found, x, both ? 140 : 290, kTop, "AP50, higher is better", true) +
      panel(loss, x, 290, both ? 166 : kTop, both ? "loss" : "loss, lower is better", false);
  const auto chosen = number(training, "chosen_step");
  if (chosen && *chosen >= 0 && *chosen <= last) {
    svg += upright_mark(x(*chosen), 290, both ? 156 : 284, "used");
  }
  return drawing(330, "Held-out AP50 and training loss after each number of steps",
                 svg + step_axis(x, 290));
}

std::string effort_chart(const Json& validation) {
  const Json& effort = part(validation, "effort");
  auto points = points_of(part(effort, "curve"), "conf", "seconds_per_image");
  const auto manual = number(effort, "manual_seconds_per_image");
  const auto seconds = number(effort, "seconds_per_image");
  if (points.size() < 2 || !manual || *manual <= 0) return "";
  // Where nearly everything is shown the curve leaves the picture.
  const double limit = 1.5 * std::max(*manual, seconds.value_or(0));
  double high = 1.1 * std::max(*manual, seconds.value_or(0));
  std::erase_if(points,
                [&](const Point& p) { return p.y > limit || p.y < 0 || p.x < 0 || p.x > 1; });
  for (const auto& point : points) high = std::max(high, point.y);
  const Scale x{0, 1, kLeft, kRight}, y{0, high, 250, kTop};
  std::string svg = value_axis(y) + upright_label(130, "seconds an image") + conf_axis(x, 250);
  svg += line(kLeft, 250, kRight, 250, "axis");
  svg += line(kLeft, y(*manual), kRight, y(*manual), "ideal");
  svg += label(kRight, y(*manual) - 6, "end",
               concat({"drawing everything: ", human_seconds(*manual)}));
  svg += polyline(points, x, y, "course");
  if (seconds && *seconds >= 0) {
    svg += chosen_mark(part(validation, "per_class"), x, y(*seconds), *seconds);
  }
  return drawing(290, "Seconds to correct an image, by the score from which drafts are shown", svg);
}

}  // namespace preannotate::report
