#include "preannotate/metrics/average_precision.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace preannotate {

double average_precision(const std::vector<int>& truth, const std::vector<double>& scores) {
  assert(truth.size() == scores.size());
  const auto positives = std::count(truth.begin(), truth.end(), 1);
  if (positives == 0) return -1;
  std::vector<size_t> best_first(scores.size());
  std::iota(best_first.begin(), best_first.end(), size_t{0});
  std::sort(best_first.begin(), best_first.end(),
            [&](size_t a, size_t b) { return scores[a] > scores[b]; });

  double area = 0;
  long hits = 0;
  for (size_t i = 0; i < best_first.size();) {
    const double score = scores[best_first[i]];
    long hits_here = 0;
    for (; i < best_first.size() && scores[best_first[i]] == score; ++i) {
      hits_here += truth[best_first[i]];
    }
    hits += hits_here;
    area += static_cast<double>(hits_here) * static_cast<double>(hits) / static_cast<double>(i);
  }
  return area / static_cast<double>(positives);
}

MeanAveragePrecision mean_average_precision(const std::vector<std::vector<int>>& truth,
                                            const std::vector<std::vector<double>>& scores) {
  assert(truth.size() == scores.size());
  MeanAveragePrecision result;
  const size_t classes = truth.empty() ? 0 : truth.front().size();
  double sum = 0;
  long counted = 0;
  for (size_t c = 0; c < classes; ++c) {
    std::vector<int> column;
    std::vector<double> column_scores;
    for (size_t i = 0; i < truth.size(); ++i) {
      column.push_back(truth[i][c]);
      column_scores.push_back(scores[i][c]);
    }
    result.per_class.push_back(average_precision(column, column_scores));
    if (result.per_class.back() < 0) continue;
    sum += result.per_class.back();
    ++counted;
  }
  result.map = counted > 0 ? sum / static_cast<double>(counted) : 0;
  return result;
}

}  // namespace preannotate
