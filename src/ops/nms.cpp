#include "preannotate/ops/nms.h"

#include <c10/core/DeviceGuard.h>

#include <tuple>

#include "kernels.h"
#include "team.h"

namespace preannotate {
namespace ops {

void run_cpu(const SuppressGroup& body) {
  for_each_by_one_thread(body);
}

}  // namespace ops

namespace {

void check(const torch::Tensor& boxes, const torch::Tensor& scores, float iou_threshold) {
  TORCH_CHECK_VALUE(boxes.dim() == 2 && boxes.size(1) == 4, "nms: boxes must be [N, 4], got ",
                    boxes.sizes());
  TORCH_CHECK_VALUE(scores.dim() == 1 && scores.size(0) == boxes.size(0),
                    "nms: scores must be [N] with N = ", boxes.size(0), ", got ", scores.sizes());
  TORCH_CHECK_VALUE(
      boxes.scalar_type() == torch::kFloat32 && scores.scalar_type() == torch::kFloat32,
      "nms: boxes and scores must be float32, got ", boxes.scalar_type(), " and ",
      scores.scalar_type());
  TORCH_CHECK_VALUE(boxes.device() == scores.device(), "nms: boxes are on ", boxes.device(),
                    ", scores on ", scores.device());
  TORCH_CHECK_VALUE(iou_threshold >= 0, "nms: iou_threshold must be 0 or more, got ",
                    iou_threshold);
}

void check_ids(const torch::Tensor& ids, const char* name, const torch::Tensor& boxes) {
  TORCH_CHECK_VALUE(ids.dim() == 1 && ids.size(0) == boxes.size(0), "nms: ", name,
                    " must be [N] with N = ", boxes.size(0), ", got ", ids.sizes());
  TORCH_CHECK_VALUE(ids.scalar_type() == torch::kInt64, "nms: ", name, " must be int64, got ",
                    ids.scalar_type());
  TORCH_CHECK_VALUE(ids.device() == boxes.device(), "nms: ", name, " are on ", ids.device(),
                    ", boxes on ", boxes.device());
}

torch::Tensor rows_kept(const torch::Tensor& boxes, const torch::Tensor& scores,
                        const torch::Tensor& groups, float iou_threshold) {
  const c10::DeviceGuard on_device(boxes.device());
  const auto best_first = scores.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
  const auto by_group = best_first.index_select(
      0, groups.index_select(0, best_first).argsort(/*stable=*/true, /*dim=*/0));
  const auto counts = std::get<2>(torch::unique_consecutive(groups.index_select(0, by_group),
                                                            /*return_inverse=*/false,
                                                            /*return_counts=*/true));  // [G]
  const auto ends = counts.cumsum(0);
  const auto grouped = boxes.index_select(0, by_group);  // [N, 4]
  auto kept = torch::ones({boxes.size(0)}, boxes.options().dtype(torch::kBool));
  const ops::SuppressGroup body{reinterpret_cast<const Box*>(grouped.const_data_ptr<float>()),
                                ends.const_data_ptr<int64_t>(), ends.size(0), iou_threshold,
                                kept.mutable_data_ptr<bool>()};
  boxes.is_cuda() ? ops::run_cuda(body) : ops::run_cpu(body);
  const auto row_is_kept = torch::empty_like(kept).index_copy_(0, by_group, kept);
  return best_first.masked_select(row_is_kept.index_select(0, best_first));
}

}  // namespace

torch::Tensor nms(const torch::Tensor& boxes, const torch::Tensor& scores, float iou_threshold) {
  check(boxes, scores, iou_threshold);
  const auto one_group = torch::zeros({boxes.size(0)}, boxes.options().dtype(torch::kInt64));
  if (boxes.size(0) == 0) return one_group;
  return rows_kept(boxes, scores, one_group, iou_threshold);
}

torch::Tensor batched_nms(const torch::Tensor& boxes, const torch::Tensor& scores,
                          const torch::Tensor& classes, const torch::Tensor& images,
                          float iou_threshold) {
  check(boxes, scores, iou_threshold);
  check_ids(classes, "classes", boxes);
  check_ids(images, "images", boxes);
  if (boxes.size(0) == 0) return torch::empty({0}, classes.options());
  const auto class_count = classes.max() - classes.min() + 1;
  return rows_kept(boxes, scores, images * class_count + classes, iou_threshold);
}

}  // namespace preannotate
