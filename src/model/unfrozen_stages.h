#pragma once

#include <torch/script.h>

#include <string>
#include <vector>

#include "preannotate/model/backbone.h"
#include "preannotate/model/fine_tune.h"

namespace preannotate {

/// One trained tensor: where it started, its momentum, its share of the rate.
struct Trained {
  torch::Tensor value, start, momentum;
  double rate = 1;
  size_t stage = 0;  // index into the names; the head has none
  bool is_head = false;
};

Trained trained(const torch::Tensor& value, double rate, size_t stage, bool is_head);

/// The last `count` of the backbone's stages. Throws UserError(kUsageError) when it has fewer.
std::vector<std::string> last_stages(const BackboneInfo& info, int count);

/// The backbone's network with its parameters, in evaluation mode: BatchNorm keeps its statistics.
torch::jit::Module trainable_module(const Backbone& backbone);

/// Parameters of `stages` get gradients, all others none. Throws UserError(kBadModel) when there
/// are no parameters (a frozen file).
std::vector<Trained> unfreeze(torch::jit::Module& module, const std::vector<std::string>& stages,
                              const std::string& name);

/// Gradient descent with momentum 0.9, pulled to the start (L2-SP, Li et al. 2018); gradients are
/// zero afterwards.
void move_weights(std::vector<Trained>& parameters, double rate, double l2_sp);

/// ||now - start|| / ||start|| of each stage.
std::vector<StageChange> changes_of(const std::vector<Trained>& parameters,
                                    const std::vector<std::string>& stages);

/// The module as a file with the backbone's own backbone.json.
std::string module_bytes(torch::jit::Module& module, const Backbone& backbone);

}  // namespace preannotate
