#include "preannotate/ops/decode_boxes.h"

#include "kernels.h"

namespace preannotate {
namespace ops {

// One thread, as in normalize.cpp.
void run_cpu(const DecodeBox& body) {
  for (std::int64_t i = 0; i < body.count; ++i) body(i);
}

}  // namespace ops

torch::Tensor decode_boxes(const torch::Tensor& distances, const torch::Tensor& points) {
  TORCH_CHECK_VALUE(distances.dim() == 3 && distances.size(2) == 4,
                    "decode_boxes: distances must be [N, A, 4], got ", distances.sizes());
  TORCH_CHECK_VALUE(points.dim() == 2 && points.size(0) == distances.size(1) && points.size(1) == 3,
                    "decode_boxes: points must be [A, 3] with A = ", distances.size(1), ", got ",
                    points.sizes());
  TORCH_CHECK_VALUE(
      distances.scalar_type() == torch::kFloat32 && points.scalar_type() == torch::kFloat32,
      "decode_boxes: distances and points must be float32, got ", distances.scalar_type(), " and ",
      points.scalar_type());
  TORCH_CHECK_VALUE(distances.device() == points.device(), "decode_boxes: distances are on ",
                    distances.device(), ", points on ", points.device());

  const auto rows = distances.contiguous(), cells = points.contiguous();
  auto boxes = torch::empty(distances.sizes(), distances.options().requires_grad(false));
  const ops::DecodeBox body{rows.const_data_ptr<float>(), cells.const_data_ptr<float>(),
                            reinterpret_cast<Box*>(boxes.mutable_data_ptr<float>()),
                            rows.numel() / 4, cells.size(0)};
  boxes.is_cuda() ? ops::run_cuda(body) : ops::run_cpu(body);
  return boxes;
}

Candidates select_candidates(const torch::Tensor& boxes, const torch::Tensor& scores, float floor,
                             int64_t limit) {
  TORCH_CHECK_VALUE(boxes.dim() == 3 && boxes.size(2) == 4,
                    "select_candidates: boxes must be [N, A, 4], got ", boxes.sizes());
  TORCH_CHECK_VALUE(
      scores.dim() == 3 && scores.size(0) == boxes.size(0) && scores.size(1) == boxes.size(1),
      "select_candidates: scores must be [N, A, C] with N, A = ", boxes.size(0), ", ",
      boxes.size(1), ", got ", scores.sizes());
  TORCH_CHECK_VALUE(
      boxes.scalar_type() == torch::kFloat32 && scores.scalar_type() == torch::kFloat32,
      "select_candidates: boxes and scores must be float32, got ", boxes.scalar_type(), " and ",
      scores.scalar_type());
  TORCH_CHECK_VALUE(limit >= 0, "select_candidates: limit must be 0 or more, got ", limit);

  // By image, then cell, then class; the stable sorts below keep that order among equal scores.
  const auto places = (scores >= floor).nonzero();  // [M, 3]
  const auto values = scores.flatten().index_select(
      0, (places.select(1, 0) * scores.size(1) + places.select(1, 1)) * scores.size(2) +
             places.select(1, 2));
  auto order = values.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
  order = order.index_select(
      0, places.select(1, 0).index_select(0, order).argsort(/*stable=*/true, /*dim=*/0));

  const auto images = places.select(1, 0).index_select(0, order);  // [M], rising
  const auto rank =
      torch::arange(images.size(0), images.options()) - torch::searchsorted(images, images);
  order = order.masked_select(rank < limit);
  const auto chosen = places.index_select(0, order);  // [K, 3]
  return {boxes.flatten(0, 1).index_select(
              0, chosen.select(1, 0) * boxes.size(1) + chosen.select(1, 1)),
          values.index_select(0, order), chosen.select(1, 2).contiguous(),
          chosen.select(1, 0).contiguous()};
}

}  // namespace preannotate
