#include "detector_start.h"

#include <torch/torch.h>

#include "preannotate/core/log.h"

namespace preannotate {

std::optional<Detector> continued(const Detector& earlier, const DetectorPlan& plan,
                                  std::uint64_t seed) {
  DetectorShape same = earlier.shape();
  const auto old_classes = same.classes;
  same.classes = plan.shape.classes;
  if (!(same == plan.shape) || old_classes > plan.shape.classes) {
    log_info("the boxes now ask for a head of another shape: it starts from nothing");
    return std::nullopt;
  }
  Detector start(plan.shape, plan.typical_width, plan.typical_height, seed);
  const torch::NoGradGuard no_gradients;
  const auto& learned = earlier.weights();  // in the same order
  for (size_t i = 0; i < learned.size(); ++i) {
    const auto& from = learned[i].second;
    start.weights()[i].second.narrow(0, 0, from.size(0)).copy_(from);
  }
  return start;
}

}  // namespace preannotate
