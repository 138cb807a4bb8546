#include <c10/core/DeviceGuard.h>

#include "best_places.h"
#include "check_distances.h"
#include "kernels.h"
#include "preannotate/ops/decode_boxes.h"
#include "team.h"

namespace preannotate {
namespace ops {

void run_cpu(const CountCandidates& body) {
  for_each_by_one_thread(body);
}

void run_cpu(const ListCandidates& body) {
  for_each_by_one_thread(body);
}

}  // namespace ops

namespace {

void check_scores(const char* op, const torch::Tensor& boxes, const torch::Tensor& scores,
                  int64_t limit) {
  TORCH_CHECK_VALUE(
      scores.dim() == 3 && scores.size(0) == boxes.size(0) && scores.size(1) == boxes.size(1), op,
      ": scores must be [N, A, C] with N, A = ", boxes.size(0), ", ", boxes.size(1), ", got ",
      scores.sizes());
  TORCH_CHECK_VALUE(scores.scalar_type() == torch::kFloat32, op, ": scores must be float32, got ",
                    scores.scalar_type());
  TORCH_CHECK_VALUE(boxes.device() == scores.device(), op, ": boxes are on ", boxes.device(),
                    ", scores on ", scores.device());
  TORCH_CHECK_VALUE(limit >= 0, op, ": limit must be 0 or more, got ", limit);
}

/// Positions among all scores, rising, of those that reach the floor: [M] int64.
torch::Tensor places_of_candidates(const torch::Tensor& scores, float floor) {
  const ops::ScoreChunks in{scores.const_data_ptr<float>(), scores.numel(), floor};
  const auto places_on = scores.options().requires_grad(false).dtype(torch::kInt64);
  auto counts = torch::empty({in.chunks()}, places_on);
  if (in.chunks() == 0) return counts;
  const ops::CountCandidates count{in, counts.mutable_data_ptr<int64_t>()};
  scores.is_cuda() ? ops::run_cuda(count) : ops::run_cpu(count);

  const auto ends = counts.cumsum(0);
  auto places = torch::empty({ends[-1].item<int64_t>()}, places_on);
  const ops::ListCandidates list{in, ends.const_data_ptr<int64_t>(),
                                 places.mutable_data_ptr<int64_t>()};
  scores.is_cuda() ? ops::run_cuda(list) : ops::run_cpu(list);
  return places;
}

/// Where the candidates lie, in their order.
struct Chosen {
  torch::Tensor places;   // [K] int64, among all scores
  torch::Tensor rows;     // [K] int64, among the N * A cells
  torch::Tensor classes;  // [K] int64
  torch::Tensor images;   // [K] int64
};

Chosen chosen_candidates(const torch::Tensor& scores, float floor, int64_t limit) {
  const auto places = places_of_candidates(scores, floor);  // [M]
  const auto chosen = scores.is_cuda() ? ops::best_by_sorts(scores, places, limit)
                                       : ops::best_by_image(scores, places, limit);
  return {chosen, chosen.floor_divide(scores.size(2)), chosen.remainder(scores.size(2)),
          chosen.floor_divide(scores.size(1) * scores.size(2))};
}

}  // namespace

Candidates decode_candidates(const torch::Tensor& distances, const torch::Tensor& points,
                             const torch::Tensor& scores, float floor, int64_t limit) {
  check_distances("decode_candidates", distances, points);
  check_scores("decode_candidates", distances, scores, limit);
  const c10::DeviceGuard on_device(scores.device());
  const auto all_scores = scores.contiguous();
  const auto chosen = chosen_candidates(all_scores, floor, limit);
  const auto chosen_distances = distances.flatten(0, 1).index_select(0, chosen.rows);  // [K, 4]
  const auto chosen_points =
      points.index_select(0, chosen.rows.remainder(points.size(0)));  // [K, 3]
  return {decode_boxes(chosen_distances.unsqueeze(0), chosen_points).squeeze(0),
          all_scores.flatten().index_select(0, chosen.places), chosen.classes, chosen.images};
}

}  // namespace preannotate
