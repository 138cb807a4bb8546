#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace preannotate {

/// Rows of [N, D] float32 to label while there is no model: the one nearest to each of k centres of
/// k-means, on rows of unit length less their mean. Distinct, in random order; fewer than k where
/// centres coincide. k <= N.
std::vector<size_t> first_images(const torch::Tensor& features, size_t k, std::uint64_t seed);

}  // namespace preannotate
