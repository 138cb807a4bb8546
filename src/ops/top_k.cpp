#include "preannotate/ops/top_k.h"

#include <c10/core/DeviceGuard.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels.h"
#include "team.h"

namespace preannotate {
namespace ops {

void run_cpu(const TopClassesOf& body) {
  for_each_by_one_thread(body);
}

}  // namespace ops

namespace {

void check(const torch::Tensor& logits, std::int64_t k, float temperature) {
  TORCH_CHECK_VALUE(logits.dim() == 2 && logits.size(1) >= 1 &&
                        logits.size(1) <= std::numeric_limits<std::int32_t>::max(),
                    "top_k: logits must be [N, C] with C 1 or more, got ", logits.sizes());
  TORCH_CHECK_VALUE(logits.scalar_type() == torch::kFloat32, "top_k: logits must be float32, got ",
                    logits.scalar_type());
  TORCH_CHECK_VALUE(k >= 1 && k <= logits.size(1), "top_k: k must be 1 to ", logits.size(1),
                    ", got ", k);
  TORCH_CHECK_VALUE(std::isfinite(temperature) && temperature > 0,
                    "top_k: temperature must be above 0, got ", temperature);
}

}  // namespace

TopClasses top_k(const torch::Tensor& logits, std::int64_t k, float temperature) {
  check(logits, k, temperature);
  const c10::DeviceGuard on_device(logits.device());
  const auto rows = logits.contiguous();
  const std::int64_t images = rows.size(0);
  const auto floats = rows.options().requires_grad(false);
  TopClasses top{torch::empty({images, k}, floats),
                 torch::empty({images, k}, floats.dtype(torch::kInt64)),
                 torch::empty({images}, floats), torch::empty({images}, floats)};
  const ops::TopClassesOf body{rows.const_data_ptr<float>(),
                               images,
                               rows.size(1),
                               k,
                               1.0 / temperature,
                               top.probabilities.mutable_data_ptr<float>(),
                               top.classes.mutable_data_ptr<std::int64_t>(),
                               top.margins.mutable_data_ptr<float>(),
                               top.entropies.mutable_data_ptr<float>()};
  logits.is_cuda() ? ops::run_cuda(body) : ops::run_cpu(body);
  return top;
}

}  // namespace preannotate
