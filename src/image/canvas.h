#pragma once

#include <utility>

#include "preannotate/image/placement.h"

namespace preannotate::image {

inline bool is_sideways(const Placement& placement) {
  return placement.quarter_turns % 2 != 0;
}

/// The canvas is the frame before its quarter turns: flips happen in it.
inline FrameSize canvas_of(FrameSize frame, bool sideways) {
  if (sideways) std::swap(frame.width, frame.height);
  return frame;
}

}  // namespace preannotate::image
