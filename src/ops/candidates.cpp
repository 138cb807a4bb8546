#include <c10/core/DeviceGuard.h>

#include <algorithm>
#include <vector>

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

/// Of an image the best `limit` of the places, best first, equal scores in their order: on CUDA by
/// sorts of libtorch's.
torch::Tensor best_by_sorts(const torch::Tensor& scores, const torch::Tensor& places,
                            int64_t limit) {
  const auto values = scores.flatten().index_select(0, places);  // [M]
  // Both sorts are stable, so that equal scores stay in the order of their places.
  const auto images_of = [&](const torch::Tensor& some) {
    return some.floor_divide(scores.size(1) * scores.size(2));
  };
  const auto best_first =
      places.index_select(0, values.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
  const auto by_image =
      best_first.index_select(0, images_of(best_first).argsort(/*stable=*/true, /*dim=*/0));

  const auto images = images_of(by_image);  // [M], rising
  const auto rank =
      torch::arange(images.size(0), images.options()) - torch::searchsorted(images, images);
  return by_image.masked_select(rank < limit);  // [K]
}

/// The same on the CPU, where an image's places lie side by side and no more than the best need be
/// in order.
torch::Tensor best_by_image(const torch::Tensor& scores, const torch::Tensor& places,
                            int64_t limit) {
  const float* score = scores.const_data_ptr<float>();
  const int64_t* place = places.const_data_ptr<int64_t>();
  const int64_t *const end = place + places.numel(), of_image = scores.size(1) * scores.size(2);
  const auto better = [score](int64_t a, int64_t b) {
    return score[a] != score[b] ? score[a] > score[b] : a < b;
  };
  std::vector<int64_t> chosen;
  for (int64_t first_of_next = of_image; place != end; first_of_next += of_image) {
    const auto* const last = std::lower_bound(place, end, first_of_next);
    const auto first_chosen = static_cast<std::ptrdiff_t>(chosen.size());
    chosen.insert(chosen.end(), place, last);
    place = last;
    const auto first = chosen.begin() + first_chosen;
    const auto count = std::min<int64_t>(limit, chosen.end() - first);
    if (count < chosen.end() - first) {
      std::nth_element(first, first + count, chosen.end(), better);
      chosen.resize(static_cast<size_t>(first_chosen + count));
    }
    std::sort(chosen.begin() + first_chosen, chosen.end(), better);
  }
  return torch::tensor(chosen, places.options());
}

Chosen chosen_candidates(const torch::Tensor& scores, float floor, int64_t limit) {
  const auto places = places_of_candidates(scores, floor);  // [M]
  const auto chosen = scores.is_cuda() ? best_by_sorts(scores, places, limit)
                                       : best_by_image(scores, places, limit);
  return {chosen, chosen.floor_divide(scores.size(2)), chosen.remainder(scores.size(2)),
          chosen.floor_divide(scores.size(1) * scores.size(2))};
}

}  // namespace

Candidates select_candidates(const torch::Tensor& boxes, const torch::Tensor& scores, float floor,
                             int64_t limit) {
  TORCH_CHECK_VALUE(boxes.dim() == 3 && boxes.size(2) == 4,
                    "select_candidates: boxes must be [N, A, 4], got ", boxes.sizes());
  TORCH_CHECK_VALUE(boxes.scalar_type() == torch::kFloat32,
                    "select_candidates: boxes must be float32, got ", boxes.scalar_type());
  check_scores("select_candidates", boxes, scores, limit);
  const c10::DeviceGuard on_device(scores.device());
  const auto all_scores = scores.contiguous();
  const auto chosen = chosen_candidates(all_scores, floor, limit);
  return {boxes.flatten(0, 1).index_select(0, chosen.rows),
          all_scores.flatten().index_select(0, chosen.places), chosen.classes, chosen.images};
}

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
