#include "preannotate/metrics/accuracy.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace preannotate {
namespace {

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0.0;
}

/// Precision, recall and F1 from the counts. F1 = 2 hits / (support + predicted), so that a class
/// without any prediction gets 0 and needs no precision.
void complete(ClassFigures& figures) {
  const auto hits = static_cast<double>(figures.hits);
  figures.has_precision = figures.predicted > 0;
  figures.has_recall = figures.support > 0;
  figures.precision = ratio(hits, static_cast<double>(figures.predicted));
  figures.recall = ratio(hits, static_cast<double>(figures.support));
  figures.f1 = ratio(2 * hits, static_cast<double>(figures.support + figures.predicted));
}

double macro_f1_of(const std::vector<ClassFigures>& classes) {
  double sum = 0, counted = 0;
  for (const auto& figures : classes) {
    if (!figures.has_recall) continue;
    sum += figures.f1;
    ++counted;
  }
  return ratio(sum, counted);
}

}  // namespace

Interval share_with_interval(long hits, long total) {
  if (total <= 0) return {};
  constexpr double z = 1.959963984540054;  // 97.5 % quantile of the normal distribution
  const auto n = static_cast<double>(total);
  const double share = static_cast<double>(hits) / n;
  const double centre = (share + z * z / (2 * n)) / (1 + z * z / n);
  const double half =
      z / (1 + z * z / n) * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  // Rounding must not put the share itself outside.
  return {share, std::clamp(centre - half, 0.0, share), std::clamp(centre + half, share, 1.0)};
}

Accuracy accuracy_of(const std::vector<int>& truth, const std::vector<int>& predicted,
                     int classes) {
  assert(truth.size() == predicted.size());
  const auto c = static_cast<size_t>(classes);
  Accuracy result;
  result.classes.resize(c);
  result.confusion.assign(c, std::vector<long>(c, 0));
  result.items = static_cast<long>(truth.size());
  for (size_t i = 0; i < truth.size(); ++i) {
    auto& right_class = result.classes[static_cast<size_t>(truth[i])];
    ++right_class.support;
    if (predicted[i] < 0) continue;
    ++result.classes[static_cast<size_t>(predicted[i])].predicted;
    ++result.confusion[static_cast<size_t>(truth[i])][static_cast<size_t>(predicted[i])];
    if (truth[i] != predicted[i]) continue;
    ++right_class.hits;
    ++result.hits;
  }
  for (auto& figures : result.classes) complete(figures);
  result.accuracy = share_with_interval(result.hits, result.items);
  result.macro_f1 = macro_f1_of(result.classes);
  return result;
}

MultilabelFigures multilabel_figures(const std::vector<std::vector<int>>& truth,
                                     const std::vector<std::vector<int>>& predicted, int classes) {
  assert(truth.size() == predicted.size());
  MultilabelFigures result;
  result.items = static_cast<long>(truth.size());
  result.classes.resize(static_cast<size_t>(classes));
  long exact = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    exact += truth[i] == predicted[i];
    for (size_t c = 0; c < result.classes.size(); ++c) {
      result.classes[c].support += truth[i][c];
      result.classes[c].predicted += predicted[i][c];
      result.classes[c].hits += truth[i][c] && predicted[i][c];
    }
  }
  ClassFigures all;
  for (auto& figures : result.classes) {
    complete(figures);
    all.support += figures.support;
    all.predicted += figures.predicted;
    all.hits += figures.hits;
  }
  complete(all);
  result.exact_match = share_with_interval(exact, result.items);
  result.micro_f1 = all.f1;
  result.macro_f1 = macro_f1_of(result.classes);
  return result;
}

}  // namespace preannotate
