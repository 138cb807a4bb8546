#pragma once

#include <torch/types.h>

#include <cstddef>
#include <vector>

namespace preannotate {

/// Numbers that describe an image that a detector looks at: the means of its maps, one after the
/// other, over the cells of `views` (its frame, or all of its tiles).
/// maps: one [V, h, w, C] float32 a level, on any device.
std::vector<float> map_summary(const std::vector<torch::Tensor>& maps,
                               const std::vector<std::size_t>& views);

}  // namespace preannotate
