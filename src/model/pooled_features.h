#pragma once

#include <torch/script.h>

#include <string>

namespace preannotate {

/// Outputs of forward() as feature columns, differentiable: the embedding (a map is averaged), then
/// the means over the stride-16 and stride-32 map. Throws UserError(kBadModel) for other outputs.
torch::Tensor pooled_features(const torch::jit::IValue& outputs, const std::string& name);

}  // namespace preannotate
