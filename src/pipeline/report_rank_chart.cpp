#include "report_rank_chart.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "report_drawing.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

constexpr double kBottom = 230, kHeight = 272, kLineHeight = 13;

struct Dot {
  std::string name;    // escaped
  double power, loss;  // log10 of images a second
  double name_y = 0;
};

std::vector<Dot> dots_of(const Json& backbones) {
  std::vector<Dot> dots;
  for (const auto& backbone : backbones) {
    const auto rate = number(backbone, "images_per_s"), loss = number(backbone, "log_loss");
    if (rate && loss && *rate > 0)
      dots.push_back({text(backbone, "name"), std::log10(*rate), *loss});
  }
  std::sort(dots.begin(), dots.end(), [](const Dot& a, const Dot& b) { return a.loss > b.loss; });
  return dots;
}

/// Names beside their dots, pushed apart where dots are close.
void place_names(std::vector<Dot>& dots, const Scale& y) {
  double above = kTop;
  for (auto& dot : dots) {
    dot.name_y = std::max(y(dot.loss) + 4, above + kLineHeight);
    above = dot.name_y;
  }
  double below = kBottom + 2;
  for (auto dot = dots.rbegin(); dot != dots.rend(); ++dot) {
    dot->name_y = std::min(dot->name_y, below);
    below = dot->name_y - kLineHeight;
  }
}

/// 1, 2 and 5 times each power of ten within the range.
std::string rate_axis(const Scale& x) {
  std::string svg;
  for (double ten = std::floor(x.low); ten <= x.high; ++ten) {
    for (const double step : {1.0, 2.0, 5.0}) {
      const double power = ten + std::log10(step);
      if (power < x.low || power > x.high) continue;
      svg += line(x(power), kBottom, x(power), kBottom + 4, "axis");
      svg += label(x(power), kBottom + 17, "middle", significant(std::pow(10, power), 4));
    }
  }
  return svg + label((kLeft + kRight) / 2, kBottom + 36, "middle", "images a second");
}

}  // namespace

std::string rank_chart(const Json& backbones) {
  auto dots = dots_of(backbones);
  if (dots.size() < 2) return "";
  const auto [slowest, fastest] = std::minmax_element(
      dots.begin(), dots.end(), [](const Dot& a, const Dot& b) { return a.power < b.power; });
  const double most = dots.front().loss, least = dots.back().loss;
  const double room = std::max(0.1 * (most - least), 0.01);
  const Scale x{slowest->power - 0.12, fastest->power + 0.12, kLeft, kRight};
  const Scale y{std::max(least - room, 0.0), most + room, kBottom, kTop};
  place_names(dots, y);
  std::string svg = value_axis(y) + upright_label((kBottom + kTop) / 2, "log-loss") + rate_axis(x);
  svg += line(kLeft, kBottom, kRight, kBottom, "axis");
  for (const auto& one : dots) {
    const bool right_half = x(one.power) > (kLeft + kRight) / 2;
    svg += dot(x(one.power), y(one.loss), "dot", one.name);
    svg += label(x(one.power) + (right_half ? -8 : 8), one.name_y, right_half ? "end" : "start",
                 one.name);
  }
  return drawing(kHeight, "Log-loss of each backbone against its speed", svg);
}

}  // namespace preannotate::report
