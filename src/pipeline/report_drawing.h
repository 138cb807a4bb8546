#pragma once

#include <string>
#include <string_view>

namespace preannotate::report {

// Drawing units; the page scales them to its width, and at 340 px 12 units are still readable.
inline constexpr double kWidth = 360, kLeft = 46, kRight = 352, kTop = 10;

/// A straight axis from data to drawing units.
struct Scale {
  double low, high, from, to;
  double operator()(double value) const {
    return from + (value - low) / (high - low) * (to - from);
  }
};

/// Pieces of SVG; `kind` is a class of the style sheet, all words are escaped already.
std::string at(double value);
std::string line(double x1, double y1, double x2, double y2, std::string_view kind);
std::string label(double x, double y, std::string_view anchor, std::string_view words);
std::string upright_label(double y, std::string_view words);
std::string rectangle(double x1, double x2, double y1, double y2, std::string_view kind,
                      std::string_view tip);
std::string dot(double x, double y, std::string_view kind, std::string_view tip);
std::string drawing(double height, std::string_view alternative, std::string_view content);

/// 1, 2 or 5 times a power of ten, so that about four steps span `range`.
double tick_step(double range);

/// Grid lines and their numbers at such steps, on the left.
std::string value_axis(const Scale& y);

}  // namespace preannotate::report
