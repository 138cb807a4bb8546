#include "preannotate/ops/nms.h"

#include <algorithm>
#include <vector>

#include "kernels.h"

namespace preannotate {
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

/// Walks each group from its best box down; word(i, w) is word w of what box i drops. Rows of
/// dropped boxes are not asked for, which is where the CPU saves its time.
template <class Word>
std::vector<int64_t> positions_kept(const torch::Tensor& begin, const torch::Tensor& end,
                                    int64_t words, Word word) {
  const int64_t* first = begin.const_data_ptr<int64_t>();
  const int64_t* last = end.const_data_ptr<int64_t>();
  std::vector<int64_t> kept;
  std::vector<uint64_t> dropped(static_cast<size_t>(words));  // bits of the group walked
  for (int64_t i = 0; i < begin.size(0); ++i) {
    const int64_t place = i - first[i];
    if (place == 0) std::fill(dropped.begin(), dropped.end(), 0);
    if (dropped[place / 64] >> (place % 64) & 1) continue;
    kept.push_back(i);
    const int64_t row_end = (last[i] - first[i] + 63) / 64;
    for (int64_t w = place / 64; w < row_end; ++w) dropped[w] |= word(i, w);
  }
  return kept;
}

/// Positions kept of boxes whose groups lie together, best score first.
std::vector<int64_t> positions_kept(const torch::Tensor& boxes, const torch::Tensor& groups,
                                    float iou_threshold) {
  const auto begin = torch::searchsorted(groups, groups);
  const auto end = torch::searchsorted(groups, groups, /*out_int32=*/false, /*right=*/true);
  const int64_t words = ((end - begin).max().item<int64_t>() + 63) / 64;
  ops::OverlapWord body{reinterpret_cast<const Box*>(boxes.const_data_ptr<float>()),
                        begin.const_data_ptr<int64_t>(),
                        end.const_data_ptr<int64_t>(),
                        boxes.size(0),
                        words,
                        iou_threshold,
                        nullptr};
  if (!boxes.is_cuda()) {
    return positions_kept(begin, end, words, [&](int64_t i, int64_t w) { return body.word(i, w); });
  }
  const auto table = torch::empty({boxes.size(0), words}, groups.options());
  body.table = reinterpret_cast<uint64_t*>(table.mutable_data_ptr<int64_t>());
  ops::run_cuda(body);
  const auto on_host = table.cpu();
  const int64_t* word = on_host.const_data_ptr<int64_t>();
  return positions_kept(begin.cpu(), end.cpu(), words, [&](int64_t i, int64_t w) {
    return static_cast<uint64_t>(word[i * words + w]);
  });
}

torch::Tensor rows_kept(const torch::Tensor& boxes, const torch::Tensor& scores,
                        const torch::Tensor& groups, float iou_threshold) {
  const auto best_first = scores.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
  const auto by_group = best_first.index_select(
      0, groups.index_select(0, best_first).argsort(/*stable=*/true, /*dim=*/0));
  const auto kept =
      torch::tensor(positions_kept(boxes.index_select(0, by_group).contiguous(),
                                   groups.index_select(0, by_group).contiguous(), iou_threshold),
                    groups.options());
  const auto is_kept = torch::zeros({boxes.size(0)}, groups.options().dtype(torch::kBool))
                           .index_fill_(0, by_group.index_select(0, kept), true);
  return best_first.masked_select(is_kept.index_select(0, best_first));
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
