#include "report_rank_chart.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "report_drawing.h"
#include "report_values.h"

namespace preannotate::report {
namespace {

constexpr double kBottom = 270, kHeight = 312, kLineHeight = 13;
constexpr double kLeastLoss = 1e-3;  // what is below is drawn there

struct Dot {
  std::string name;    // escaped
  double power, loss;  // log10 of images a second, and of the log-loss
  double name_y = 0;
};

std::vector<Dot> dots_of(const Json& backbones) {
  std::vector<Dot> dots;
  for (const auto& backbone : backbones) {
    const auto rate = number(backbone, "images_per_s"), loss = number(backbone, "log_loss");
    if (!rate || !loss || *rate <= 0) continue;
    dots.push_back(
        {text(backbone, "name"), std::log10(*rate), std::log10(std::max(*loss, kLeastLoss))});
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
  double below = kBottom - 4;
  for (auto dot = dots.rbegin(); dot != dots.rend(); ++dot) {
    dot->name_y = std::min(dot->name_y, below);
    below = dot->name_y - kLineHeight;
  }
}

/// log10 of 1, 2 and 5 times each power of ten within the range.
std::vector<double> ticks(const Scale& scale) {
  std::vector<double> powers;
  for (double ten = std::floor(scale.low); ten <= scale.high; ++ten) {
    for (const double step : {1.0, 2.0, 5.0}) {
      const double power = ten + std::log10(step);
      if (power >= scale.low && power <= scale.high) powers.push_back(power);
    }
  }
  return powers;
}

std::string axes(const Scale& x, const Scale& y) {
  std::string svg;
  for (const double power : ticks(y)) {
    svg += line(kLeft, y(power), kRight, y(power), "grid");
    svg += label(kLeft - 6, y(power) + 4, "end", significant(std::pow(10, power), 2));
  }
  for (const double power : ticks(x)) {
    svg += line(x(power), kBottom, x(power), kBottom + 4, "axis");
    svg += label(x(power), kBottom + 17, "middle", significant(std::pow(10, power), 4));
  }
  svg += line(kLeft, kBottom, kRight, kBottom, "axis");
  svg += upright_label((kBottom + kTop) / 2, "log-loss");
  return svg + label((kLeft + kRight) / 2, kBottom + 36, "middle", "images a second");
}

}  // namespace

std::string rank_chart(const Json& backbones) {
  auto dots = dots_of(backbones);
  if (dots.size() < 2) return "";
  const auto [slowest, fastest] = std::minmax_element(
      dots.begin(), dots.end(), [](const Dot& a, const Dot& b) { return a.power < b.power; });
  const Scale x{slowest->power - 0.12, fastest->power + 0.12, kLeft, kRight};
  const Scale y{dots.back().loss - 0.12, dots.front().loss + 0.06, kBottom, kTop};
  place_names(dots, y);
  std::string svg = axes(x, y);
  for (const auto& one : dots) {
    const bool right_half = x(one.power) > (kLeft + kRight) / 2;
    svg += dot(x(one.power), y(one.loss), "dot", one.name);
    svg += label(x(one.power) + (right_half ? -8 : 8), one.name_y, right_half ? "end" : "start",
                 one.name);
  }
  return drawing(kHeight, "Log-loss of each backbone against its speed", svg);
}

}  // namespace preannotate::report
