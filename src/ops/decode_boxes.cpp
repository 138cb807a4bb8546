#include "preannotate/ops/decode_boxes.h"

#include <c10/core/DeviceGuard.h>

#include "check_distances.h"
#include "kernels.h"

namespace preannotate {
namespace ops {

// One thread, as in normalize.cpp.
void run_cpu(const DecodeBox& body) {
  for (std::int64_t i = 0; i < body.count; ++i) body(i);
}

}  // namespace ops

void check_distances(const char* op, const torch::Tensor& distances, const torch::Tensor& points) {
  TORCH_CHECK_VALUE(distances.dim() == 3 && distances.size(2) == 4, op,
                    ": distances must be [N, A, 4], got ", distances.sizes());
  TORCH_CHECK_VALUE(points.dim() == 2 && points.size(0) == distances.size(1) && points.size(1) == 3,
                    op, ": points must be [A, 3] with A = ", distances.size(1), ", got ",
                    points.sizes());
  TORCH_CHECK_VALUE(
      distances.scalar_type() == torch::kFloat32 && points.scalar_type() == torch::kFloat32, op,
      ": distances and points must be float32, got ", distances.scalar_type(), " and ",
      points.scalar_type());
  TORCH_CHECK_VALUE(distances.device() == points.device(), op, ": distances are on ",
                    distances.device(), ", points on ", points.device());
}

torch::Tensor decode_boxes(const torch::Tensor& distances, const torch::Tensor& points) {
  check_distances("decode_boxes", distances, points);
  const c10::DeviceGuard on_device(distances.device());
  const auto rows = distances.contiguous(), cells = points.contiguous();
  auto boxes = torch::empty(distances.sizes(), distances.options().requires_grad(false));
  const ops::DecodeBox body{rows.const_data_ptr<float>(), cells.const_data_ptr<float>(),
                            reinterpret_cast<Box*>(boxes.mutable_data_ptr<float>()),
                            rows.numel() / 4, cells.size(0)};
  boxes.is_cuda() ? ops::run_cuda(body) : ops::run_cpu(body);
  return boxes;
}

}  // namespace preannotate
