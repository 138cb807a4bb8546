#include "best_places.h"

#include <algorithm>
#include <vector>

namespace preannotate::ops {

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

}  // namespace preannotate::ops
