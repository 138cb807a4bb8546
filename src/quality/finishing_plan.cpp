#include "preannotate/quality/finishing_plan.h"

#include <algorithm>
#include <functional>

#include "preannotate/quality/exact_counts.h"

namespace preannotate {
namespace {

constexpr long kMostFound = 12;  // wrong ones that a sample is planned to allow

}  // namespace

double page_seconds(const ClassCost& cost, double wrong) {
  return cost.grid + cost.load / kPageImages + wrong * (cost.click + cost.fix);
}

FinishingPlan cheapest_finish(std::vector<double> scores, long allowed_wrong, double delta,
                              const ClassCost& cost, int classes) {
  std::sort(scores.begin(), scores.end(), std::greater<>());
  const auto total = static_cast<long>(scores.size());
  FinishingPlan best;
  const auto look = [&](double score) {
    return std::min(page_seconds(cost, 1 - score), cost.choose(classes));
  };
  for (const double score : scores) best.seconds += look(score);
  const double all = best.seconds;
  if (total == 0) return best;
  const double max_error = static_cast<double>(allowed_wrong) / static_cast<double>(total);
  for (long found = 0; found <= kMostFound; ++found) {
    const long draws = answers_needed(total, max_error, delta, found);
    if (draws < 0 || draws >= total) break;
    const double let_through = static_cast<double>(found + 1) / static_cast<double>(draws + 1) *
                               static_cast<double>(total);
    double wrong = 0, saved = 0;
    long above = 0;
    while (above < total && wrong + 1 - scores[static_cast<size_t>(above)] <= let_through) {
      const double score = scores[static_cast<size_t>(above++)];
      wrong += 1 - score;
      saved += look(score);
    }
    const double unsampled = 1 - static_cast<double>(draws) / static_cast<double>(total);
    const double seconds =
        static_cast<double>(draws) * cost.choose(classes) + unsampled * (all - saved);
    if (seconds < best.seconds) {
      best = {draws, unsampled * static_cast<double>(above), seconds};
    }
  }
  return best;
}

}  // namespace preannotate
