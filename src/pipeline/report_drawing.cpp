#include "report_drawing.h"

#include <algorithm>
#include <cmath>

#include "report_values.h"

namespace preannotate::report {

std::string at(double value) {
  return decimal(value, 1);
}

std::string line(double x1, double y1, double x2, double y2, std::string_view kind) {
  return concat({"<line class=\"", kind, "\" x1=\"", at(x1), "\" y1=\"", at(y1), "\" x2=\"", at(x2),
                 "\" y2=\"", at(y2), "\"/>"});
}

std::string label(double x, double y, std::string_view anchor, std::string_view words) {
  return concat({"<text x=\"", at(x), "\" y=\"", at(y), "\" text-anchor=\"", anchor, "\">", words,
                 "</text>"});
}

std::string upright_label(double y, std::string_view words) {
  return concat({"<text transform=\"translate(12 ", at(y),
                 ") rotate(-90)\" text-anchor=\"middle\">", words, "</text>"});
}

std::string rectangle(double x1, double x2, double y1, double y2, std::string_view kind,
                      std::string_view tip) {
  return concat({"<rect class=\"", kind, "\" x=\"", at(x1 + 1), "\" y=\"", at(y1), "\" width=\"",
                 at(x2 - x1 - 2), "\" height=\"", at(std::max(y2 - y1, 0.5)), "\"><title>", tip,
                 "</title></rect>"});
}

std::string drawing(double height, std::string_view alternative, std::string_view content) {
  return concat({"<svg viewBox=\"0 0 ", at(kWidth), " ", at(height),
                 "\" role=\"img\" aria-label=\"", alternative, "\">", content, "</svg>"});
}

std::string dot(double x, double y, std::string_view kind, std::string_view tip) {
  return concat({"<circle class=\"", kind, "\" r=\"3.2\" cx=\"", at(x), "\" cy=\"", at(y),
                 "\"><title>", tip, "</title></circle>"});
}

double tick_step(double range) {
  const double rough = range / 4, ten = std::pow(10, std::floor(std::log10(rough)));
  return rough / ten < 1.5   ? ten
         : rough / ten < 3.5 ? 2 * ten
         : rough / ten < 7.5 ? 5 * ten
                             : 10 * ten;
}

std::string value_axis(const Scale& y) {
  const double step = tick_step(y.high - y.low);
  const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 4);
  std::string svg;
  for (double tick = std::ceil(y.low / step) * step; tick <= y.high + 1e-9; tick += step) {
    svg += line(kLeft, y(tick), kRight, y(tick), "grid");
    svg += label(kLeft - 6, y(tick) + 4, "end", decimal(tick, digits));
  }
  return svg;
}

}  // namespace preannotate::report
