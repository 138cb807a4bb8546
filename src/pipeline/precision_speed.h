#pragma once

#include <vector>

#include "preannotate/image/placement.h"
#include "preannotate/model/backbone.h"

namespace preannotate {

/// The fastest pass of each backbone over one picture of this size, in seconds, on one thread: a
/// few passes of each in turn.
std::vector<double> fastest_passes(const std::vector<const Backbone*>& backbones, FrameSize size);

}  // namespace preannotate
