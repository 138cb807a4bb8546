#include "map_summary.h"

#include <cstdint>

namespace preannotate {

std::vector<float> map_summary(const std::vector<torch::Tensor>& maps,
                               const std::vector<std::size_t>& views) {
  const auto index =
      torch::tensor(std::vector<std::int64_t>(views.begin(), views.end()), torch::kInt64);
  std::vector<float> summary;
  for (const auto& map : maps) {
    const auto mean =
        map.index_select(0, index.to(map.device())).mean({0, 1, 2}).cpu().contiguous();
    const float* const values = mean.const_data_ptr<float>();
    summary.insert(summary.end(), values, values + mean.numel());
  }
  return summary;
}

}  // namespace preannotate
