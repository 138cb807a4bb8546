#include <algorithm>
#include <numeric>

#include "preannotate/metrics/detection.h"

namespace preannotate {

void mark_outshone(std::vector<DraftBox>& drafts, double iou_limit) {
  std::vector<size_t> best_first(drafts.size());
  std::iota(best_first.begin(), best_first.end(), size_t{0});
  std::stable_sort(best_first.begin(), best_first.end(),
                   [&](size_t a, size_t b) { return drafts[a].score > drafts[b].score; });
  for (size_t i = 0; i < best_first.size(); ++i) {
    DraftBox& draft = drafts[best_first[i]];
    draft.outshone = std::any_of(
        best_first.begin(), best_first.begin() + static_cast<std::ptrdiff_t>(i), [&](size_t k) {
          const DraftBox& better = drafts[k];
          return !better.outshone && better.category != draft.category &&
                 iou(better.box, draft.box) > iou_limit;
        });
  }
}

}  // namespace preannotate
