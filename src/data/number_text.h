#pragma once

#include <string>

namespace preannotate {

constexpr int kScoreDecimals = 6;
constexpr int kPixelDecimals = 3;

/// Rounded, so that files do not differ in digits nobody needs; never -0.
double rounded(double value, int decimals);

/// The shortest text of the rounded value: 0.93, 1, 0.000001 as 1e-06.
std::string number_text(double value, int decimals);

}  // namespace preannotate
