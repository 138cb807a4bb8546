#include "number_text.h"

#include <charconv>
#include <cmath>

namespace preannotate {

double rounded(double value, int decimals) {
  constexpr double kWhole = 1e15;  // from here on a double has no decimals that we write
  if (std::abs(value) >= kWhole) return value;
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale + 0.0;
}

std::string number_text(double value, int decimals) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, rounded(value, decimals)).ptr;
  return std::string(text, end);
}

}  // namespace preannotate
