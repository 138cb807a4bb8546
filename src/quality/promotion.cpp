#include "preannotate/quality/promotion.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace preannotate {
namespace {

constexpr double kChance = 0.05;
constexpr double kOneSided = 1.6449;  // 95 % point of the normal distribution
constexpr size_t kLeastInStratum = 40, kStrata = 5;

/// P(X >= k) for X of n fair coins.
double at_least_heads(long k, long n) {
  double sum = 0;
  for (long i = k; i <= n; ++i) {
    const auto whole = static_cast<double>(n), heads = static_cast<double>(i);
    sum += std::exp(std::lgamma(whole + 1) - std::lgamma(heads + 1) -
                    std::lgamma(whole - heads + 1) - whole * std::log(2.0));
  }
  return std::min(sum, 1.0);
}

struct Stratum {
  double answers = 0, gold = 0, agreeing = 0;  // of gold
};

}  // namespace

ClassChange class_change(const std::vector<bool>& old_right, const std::vector<bool>& new_right) {
  assert(old_right.size() == new_right.size());
  ClassChange change;
  change.images = static_cast<long>(old_right.size());
  for (size_t i = 0; i < old_right.size(); ++i) {
    change.lost += old_right[i] && !new_right[i];
    change.won += !old_right[i] && new_right[i];
  }
  if (change.images == 0) return change;
  change.drop = static_cast<double>(change.lost - change.won) / static_cast<double>(change.images);
  change.chance = at_least_heads(change.lost, change.lost + change.won);
  return change;
}

bool is_worse(const ClassChange& change, double max_drop) {
  return change.drop > max_drop && change.chance < kChance;
}

Interval wrong_share(const std::vector<JudgedLabel>& answers, std::vector<JudgedLabel> gold) {
  if (answers.size() < kLeastInStratum || gold.size() < kLeastInStratum) return {0, 0, 1};
  std::sort(gold.begin(), gold.end(),
            [](const JudgedLabel& a, const JudgedLabel& b) { return a.confidence < b.confidence; });
  const size_t count = std::min(kStrata, gold.size() / kLeastInStratum);
  std::vector<Stratum> strata(count);
  std::vector<double> from;  // least confidence of each stratum but the first
  for (size_t s = 1; s < count; ++s) from.push_back(gold[s * gold.size() / count].confidence);
  const auto stratum_of = [&](double confidence) -> Stratum& {
    return strata[std::upper_bound(from.begin(), from.end(), confidence) - from.begin()];
  };
  for (const auto& label : gold) {
    Stratum& stratum = stratum_of(label.confidence);
    ++stratum.gold;
    stratum.agreeing += label.agrees;
  }
  double agreeing = 0;
  for (const auto& label : answers) {
    ++stratum_of(label.confidence).answers;
    agreeing += label.agrees;
  }
  const auto n = static_cast<double>(answers.size());
  double expected = 0, expected_variance = 0;
  for (const Stratum& stratum : strata) {
    // Half an image of each kind more: a share of 0 or 1 is not known for sure.
    const double share = (stratum.agreeing + 0.5) / (stratum.gold + 1),
                 weight = stratum.answers / n;
    expected += weight * share;
    expected_variance += weight * weight * share * (1 - share) / (stratum.gold + 1);
  }
  const double observed = agreeing / n;
  const double ratio = observed / expected;
  const double variance =
      (observed * (1 - observed) / n + ratio * ratio * expected_variance) / (expected * expected);
  const double wrong = 1 - ratio, margin = kOneSided * std::sqrt(variance);
  const auto share = [](double value) { return std::clamp(value, 0.0, 1.0); };
  return {share(wrong), share(wrong - margin), share(wrong + margin)};
}

}  // namespace preannotate
