#include "preannotate/model/parameter_count.h"

#include "backbone_state.h"

namespace preannotate {

std::int64_t parameter_count(const Backbone& backbone) {
  const auto module = load_module(backbone.bytes(), backbone.info().name, c10::kCPU, nullptr);
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

}  // namespace preannotate
