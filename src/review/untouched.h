#pragma once

namespace preannotate {

/// IoU of a box with itself, at least: formats round the corners.
constexpr double kUntouched = 0.999;

}  // namespace preannotate
