#include "report_charts.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "report_drawing.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

struct Bin {
  double low, high, items, confidence, accuracy;
};

std::vector<Bin> filled_bins(const Json& json) {
  std::vector<Bin> bins;
  for (const auto& entry : json.is_array() ? json : Json::array()) {
    const auto low = number(entry, "low"), high = number(entry, "high");
    const auto items = number(entry, "items"), confidence = number(entry, "confidence");
    const auto accuracy = number(entry, "accuracy");
    if (!low || !high || !items || !confidence || !accuracy || *items <= 0) continue;
    bins.push_back({*low, *high, *items, *confidence, *accuracy});
  }
  return bins;
}

std::string share_axes(const Scale& x, const Scale& y) {
  std::string svg;
  for (int tick = 0; tick <= 100; tick += 25) {
    const double share = tick / 100.0;
    svg += line(kLeft, y(share), kRight, y(share), "grid");
    svg += label(kLeft - 6, y(share) + 4, "end", std::to_string(tick));
    svg += label(x(share), y.from + 16, tick == 100 ? "end" : "middle", std::to_string(tick));
  }
  return svg + upright_label((y.from + y.to) / 2, "right, %");
}

struct Point {
  double power, loss, error;  // log10 of lambda
};

std::vector<Point> points_of(const Json& path) {
  std::vector<Point> points;
  for (const auto& entry : path.is_array() ? path : Json::array()) {
    const auto lambda = number(entry, "lambda"), loss = number(entry, "log_loss");
    if (!lambda || !loss || *lambda <= 0) continue;
    points.push_back(
        {std::log10(*lambda), *loss, std::abs(number(entry, "log_loss_error").value_or(0))});
  }
  std::sort(points.begin(), points.end(),
            [](const auto& a, const auto& b) { return a.power < b.power; });
  return points;
}

std::string loss_axis(const Scale& y) {
  return value_axis(y) + upright_label((y.from + y.to) / 2, "log-loss, lower is better");
}

std::string power_axis(const Scale& x, double bottom) {
  const double span = x.high - x.low;
  const double step = span > 12 ? 4 : span > 5 ? 2 : 1;
  std::string svg;
  for (double power = std::ceil(x.low / step) * step; power <= x.high; power += step) {
    svg += line(x(power), bottom, x(power), bottom + 4, "axis");
    svg += label(x(power), bottom + 17, "middle", significant(std::pow(10, power), 1));
  }
  return svg + label((kLeft + kRight) / 2, bottom + 36, "middle", "penalty lambda");
}

}  // namespace

std::string reliability_chart(const Json& json) {
  const auto bins = filled_bins(json);
  if (bins.empty()) return "";
  double most = 0, total = 0;
  for (const auto& bin : bins) most = std::max(most, bin.items), total += bin.items;
  const Scale x{0, 1, kLeft, kRight}, y{0, 1, 250, kTop};
  const Scale amount{0, most, 326, 290};

  std::string svg = share_axes(x, y);
  for (const auto& bin : bins) {
    const std::string tip = concat({"score ", percent(bin.confidence), " on average, right ",
                                    percent(bin.accuracy), ", ", counted(bin.items, "item")});
    // Few items say little: a bar of less than 2 % of them is drawn pale.
    svg += rectangle(x(bin.low), x(bin.high), y(bin.accuracy), y(0),
                     bin.items < 0.02 * total ? "column pale" : "column", tip);
    svg += rectangle(x(bin.low), x(bin.high), amount(bin.items), amount(0), "amount", tip);
  }
  svg += line(x(0), y(0), x(1), y(1), "ideal");
  svg +=
      line(kLeft, y(0), kRight, y(0), "axis") + line(kLeft, amount(0), kRight, amount(0), "axis");
  svg += label(kLeft - 6, 298, "end", significant(most, 6)) + label(kLeft - 6, 328, "end", "0");
  svg += label((kLeft + kRight) / 2, 344, "middle", "score given, % (below: how many have it)");
  return drawing(350, "Reliability diagram: share of right predictions for each range of scores",
                 svg);
}

std::string penalty_chart(const Json& path, double chosen) {
  const auto points = points_of(path);
  if (points.size() < 2) return "";
  double low = points[0].loss, high = low;
  for (const auto& point : points) {
    low = std::min(low, point.loss - point.error);
    high = std::max(high, point.loss + point.error);
  }
  const double margin = std::max(0.05 * (high - low), 1e-4);
  const Scale x{points.front().power, points.back().power, kLeft + 14, kRight - 14};
  const Scale y{low - margin, high + margin, 290, kTop};
  if (!(x.high > x.low)) return "";

  std::string svg = loss_axis(y) + power_axis(x, 290), course;
  svg += line(kLeft, 290, kRight, 290, "axis");
  if (chosen > 0 && std::log10(chosen) >= x.low - 1e-9 && std::log10(chosen) <= x.high + 1e-9) {
    const double here = x(std::log10(chosen));
    svg += line(here, 290, here, kTop, "chosen");
    svg += label(here + (here > 260 ? -5 : 5), kTop + 10, here > 260 ? "end" : "start", "chosen");
  }
  for (const auto& point : points) {
    course += concat({at(x(point.power)), ",", at(y(point.loss)), " "});
    svg += line(x(point.power), y(point.loss - point.error), x(point.power),
                y(point.loss + point.error), "error");
  }
  svg += concat({"<polyline class=\"course\" points=\"", course, "\"/>"});
  for (const auto& point : points) {
    svg += dot(x(point.power), y(point.loss), "dot",
               concat({"lambda ", significant(std::pow(10, point.power)), ": log-loss ",
                       decimal(point.loss)}));
  }
  return drawing(334, "Cross-validated log-loss along the penalty path", svg);
}

}  // namespace preannotate::report
