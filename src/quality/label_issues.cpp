#include "preannotate/quality/label_issues.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace preannotate {
namespace {

using Rows = std::vector<std::vector<double>>;
using Counts = std::vector<std::vector<long>>;

constexpr double kSame = 1e-6;      // probabilities closer than this are equal
constexpr double kUnreachable = 2;  // threshold of a class without images
constexpr long kLeastOfClass = 1;   // that many of a class are left unflagged

bool is_judged(const Rows& probabilities, const std::vector<int>& labels, size_t i) {
  return !probabilities[i].empty() && labels[i] >= 0;
}

size_t largest(const std::vector<double>& row) {
  return static_cast<size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

std::vector<long> images_per_class(const Rows& probabilities, const std::vector<int>& labels,
                                   int classes) {
  std::vector<long> counts(static_cast<size_t>(classes), 0);
  for (size_t i = 0; i < labels.size(); ++i) {
    if (is_judged(probabilities, labels, i)) ++counts[static_cast<size_t>(labels[i])];
  }
  return counts;
}

/// The class that an image is confidently of, -1 for none.
int confident_class(const std::vector<double>& row, const std::vector<double>& thresholds) {
  int found = -1;
  for (size_t c = 0; c < row.size(); ++c) {
    if (row[c] < thresholds[c] - kSame) continue;
    if (found >= 0) return static_cast<int>(largest(row));
    found = static_cast<int>(c);
  }
  return found;
}

/// [given][true]; at least one on the diagonal, so that no row is empty.
Counts confident_counts(const Rows& probabilities, const std::vector<int>& labels,
                        const std::vector<double>& thresholds) {
  Counts counts(thresholds.size(), std::vector<long>(thresholds.size(), 0));
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!is_judged(probabilities, labels, i)) continue;
    const int found = confident_class(probabilities[i], thresholds);
    if (found >= 0) ++counts[static_cast<size_t>(labels[i])][static_cast<size_t>(found)];
  }
  for (size_t c = 0; c < counts.size(); ++c) counts[c][c] = std::max(counts[c][c], 1L);
  return counts;
}

/// Whole numbers with the same (rounded) sum: where rounding each changes it, those that rounding
/// moved most give way; of equals the last when numbers grow, the first when they shrink.
std::vector<long> rounded_keeping_sum(const std::vector<double>& row) {
  std::vector<long> whole;
  for (const double value : row) whole.push_back(std::lrint(value));  // halves to even
  const long wanted = std::lrint(std::accumulate(row.begin(), row.end(), 0.0));
  while (true) {
    const long missing = wanted - std::accumulate(whole.begin(), whole.end(), 0L);
    if (missing == 0) return whole;
    std::vector<size_t> order(row.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t x, size_t y) {
      return row[x] - static_cast<double>(whole[x]) < row[y] - static_cast<double>(whole[y]);
    });
    if (missing > 0) std::reverse(order.begin(), order.end());
    const size_t changes = std::min(static_cast<size_t>(std::labs(missing)), order.size());
    for (size_t k = 0; k < changes; ++k) whole[order[k]] += missing > 0 ? 1 : -1;
  }
}

/// Each row scaled to the images of its class.
Counts scaled_to(const Counts& counts, const std::vector<long>& images) {
  Counts scaled;
  for (size_t a = 0; a < counts.size(); ++a) {
    const auto all = static_cast<double>(std::accumulate(counts[a].begin(), counts[a].end(), 0L));
    std::vector<double> row;
    for (const long count : counts[a]) {
      row.push_back(static_cast<double>(count) / all * static_cast<double>(images[a]));
    }
    scaled.push_back(rounded_keeping_sum(row));
  }
  return scaled;
}

/// [given][true] of how many to flag: the joint, its diagonal raised to kLeastOfClass at the cost
/// of what else the images of the class are.
Counts flag_counts(const Counts& joint) {
  const size_t classes = joint.size();
  Rows by_truth(classes, std::vector<double>(classes, 0));  // [true][given]
  for (size_t given = 0; given < classes; ++given) {
    const auto kinds = std::count_if(joint[given].begin(), joint[given].end(),
                                     [](long count) { return count != 0; });
    const double lacking = static_cast<double>(std::max(kLeastOfClass - joint[given][given], 0L)) /
                           std::max(static_cast<double>(kinds) - 1, 1.0);
    for (size_t truth = 0; truth < classes; ++truth) {
      const auto count = static_cast<double>(joint[given][truth]);
      by_truth[truth][given] = truth == given ? std::max(count, static_cast<double>(kLeastOfClass))
                                              : std::max(count - lacking, 0.0);
    }
  }
  Counts counts(classes, std::vector<long>(classes, 0));
  for (size_t truth = 0; truth < classes; ++truth) {
    const auto row = rounded_keeping_sum(by_truth[truth]);
    for (size_t given = 0; given < classes; ++given) counts[given][truth] = row[given];
  }
  return counts;
}

/// Flags the `count` images of `images`, all labelled `given`, that look most like `truth`.
void flag_most_alike(const std::vector<size_t>& images, const Rows& probabilities, size_t given,
                     size_t truth, long count, std::vector<bool>& flagged) {
  const auto alike = [&](size_t i) { return probabilities[i][truth] - probabilities[i][given]; };
  auto order = images;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return alike(a) > alike(b); });
  order.resize(std::min(order.size(), static_cast<size_t>(count)));
  for (const size_t i : order) flagged[i] = true;
}

std::vector<bool> flags(const Rows& probabilities, const std::vector<int>& labels,
                        const Counts& counts) {
  std::vector<bool> flagged(labels.size(), false);
  std::vector<std::vector<size_t>> images(counts.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    if (is_judged(probabilities, labels, i)) images[static_cast<size_t>(labels[i])].push_back(i);
  }
  for (size_t given = 0; given < counts.size(); ++given) {
    if (static_cast<long>(images[given].size()) <= kLeastOfClass) continue;
    for (size_t truth = 0; truth < counts.size(); ++truth) {
      if (truth == given || counts[given][truth] <= 0) continue;
      flag_most_alike(images[given], probabilities, given, truth, counts[given][truth], flagged);
    }
  }
  return flagged;
}

/// The `count` of least score among the candidates, the first of equals.
std::vector<bool> least(const std::vector<double>& scores, const std::vector<bool>& candidates,
                        size_t count) {
  std::vector<size_t> order;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (candidates[i]) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  std::vector<bool> chosen(scores.size(), false);
  for (size_t k = 0; k < std::min(count, order.size()); ++k) chosen[order[k]] = true;
  return chosen;
}

size_t best_other(const std::vector<double>& row, size_t label) {
  size_t best = label == 0 ? 1 : 0;
  for (size_t c = 0; c < row.size(); ++c) {
    if (c != label && row[c] > row[best]) best = c;
  }
  return best;
}

}  // namespace

std::vector<double> confident_thresholds(const Rows& probabilities, const std::vector<int>& labels,
                                         int classes) {
  std::vector<double> sums(static_cast<size_t>(classes), 0);
  const auto counts = images_per_class(probabilities, labels, classes);
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!is_judged(probabilities, labels, i)) continue;
    const auto label = static_cast<size_t>(labels[i]);
    sums[label] += probabilities[i][label];
  }
  for (size_t c = 0; c < sums.size(); ++c) {
    sums[c] = counts[c] == 0 ? kUnreachable
                             : std::max(sums[c] / static_cast<double>(counts[c]), 2 * kSame);
  }
  return sums;
}

Counts confident_joint(const Rows& probabilities, const std::vector<int>& labels, int classes) {
  const auto thresholds = confident_thresholds(probabilities, labels, classes);
  return scaled_to(confident_counts(probabilities, labels, thresholds),
                   images_per_class(probabilities, labels, classes));
}

LabelIssues find_label_issues(const Rows& probabilities, const std::vector<int>& labels,
                              int classes, Ranking ranking, size_t at_least) {
  LabelIssues issues;
  issues.score.assign(labels.size(), 1);
  issues.suggestion.assign(labels.size(), -1);
  issues.flagged =
      flags(probabilities, labels, flag_counts(confident_joint(probabilities, labels, classes)));
  if (classes < 2) return issues;
  const auto images = images_per_class(probabilities, labels, classes);
  std::vector<bool> at_odds(labels.size(), false);
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!is_judged(probabilities, labels, i)) continue;
    const auto label = static_cast<size_t>(labels[i]);
    const size_t other = best_other(probabilities[i], label);
    const double own = probabilities[i][label], best = probabilities[i][other];
    issues.score[i] = ranking == Ranking::kMargin ? (own - best + 1) / 2 : own;
    issues.suggestion[i] = static_cast<int>(other);
    const bool first = label < other;  // of equals the first is the most probable
    at_odds[i] =
        (first ? own + kSame < best : own + kSame <= best) && images[label] > kLeastOfClass;
    if (!at_odds[i]) issues.flagged[i] = false;
  }
  if (ranking == Ranking::kSelfConfidence) {
    const auto said = std::count(issues.flagged.begin(), issues.flagged.end(), true);
    issues.flagged = least(issues.score, at_odds, std::max(static_cast<size_t>(said), at_least));
  }
  return issues;
}

std::vector<LabelIssues> find_multilabel_issues(const Rows& probabilities,
                                                const std::vector<std::vector<int>>& given,
                                                int classes) {
  std::vector<LabelIssues> issues;
  for (size_t c = 0; c < static_cast<size_t>(classes); ++c) {
    Rows has(probabilities.size());
    std::vector<int> labels(probabilities.size(), -1);
    for (size_t i = 0; i < probabilities.size(); ++i) {
      if (probabilities[i].empty()) continue;
      has[i] = {1 - probabilities[i][c], probabilities[i][c]};
      labels[i] = given[i][c];
    }
    issues.push_back(find_label_issues(has, labels, 2));
  }
  return issues;
}

}  // namespace preannotate
