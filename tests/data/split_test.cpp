#include "preannotate/data/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

std::vector<int> random_labels(Random& random) {
  const auto classes = 1 + random.below(6);
  std::vector<int> labels(random.below(80));
  for (int& label : labels)
    label = static_cast<int>(std::min(random.below(classes), random.below(classes))) * 3 - 1;
  return labels;
}

std::map<int, size_t> counts_of(const std::vector<int>& values) {
  std::map<int, size_t> counts;
  for (const int value : values) ++counts[value];
  return counts;
}

/// Largest minus smallest count over all folds.
size_t spread(const std::vector<size_t>& counts) {
  const auto [low, high] = std::minmax_element(counts.begin(), counts.end());
  return *high - *low;
}

TEST(StratifiedFolds, ClassesAndTotalsDifferByAtMostOneAndSinglesAlwaysTrain) {
  Random random(1);
  for (int round = 0; round < 500; ++round) {
    const auto labels = random_labels(random);
    const int folds = 2 + static_cast<int>(random.below(6));
    const auto result = stratified_folds(labels, folds, static_cast<std::uint64_t>(round));
    ASSERT_EQ(result.size(), labels.size());
    std::map<int, std::vector<size_t>> per_class;
    std::vector<size_t> totals(static_cast<size_t>(folds));
    auto members = counts_of(labels);
    for (size_t i = 0; i < labels.size(); ++i) {
      ASSERT_EQ(result[i] == -1, members[labels[i]] == 1);
      if (result[i] < 0) continue;
      ASSERT_LT(result[i], folds);
      auto& counts = per_class.try_emplace(labels[i], static_cast<size_t>(folds)).first->second;
      ++counts[static_cast<size_t>(result[i])];
      ++totals[static_cast<size_t>(result[i])];
    }
    for (const auto& [label, counts] : per_class) ASSERT_LE(spread(counts), 1u);
    ASSERT_LE(spread(totals), 1u);
  }
}

TEST(StratifiedFolds, TheSeedDecidesAndNothingElse) {
  const std::vector<int> labels(50, 0);
  EXPECT_EQ(stratified_folds(labels, 5, 1), stratified_folds(labels, 5, 1));
  EXPECT_NE(stratified_folds(labels, 5, 1), stratified_folds(labels, 5, 2));
  EXPECT_THROW(stratified_folds(labels, 1, 0), std::invalid_argument);
  EXPECT_TRUE(stratified_folds({}, 3, 0).empty());
}

TEST(StratifiedHoldout, HoldsOutTheFractionOfEachClassNeverAllOfIt) {
  Random random(2);
  for (int round = 0; round < 500; ++round) {
    const auto labels = random_labels(random);
    const double fraction = 0.05 + 0.9 * random.uniform();
    const auto held = stratified_holdout(labels, fraction, static_cast<std::uint64_t>(round));
    ASSERT_EQ(held.size(), labels.size());
    std::map<int, size_t> held_of;
    for (size_t i = 0; i < labels.size(); ++i) held_of[labels[i]] += held[i];
    for (const auto& [label, members] : counts_of(labels)) {
      if (members == 1) {
        ASSERT_EQ(held_of[label], 0u);
        continue;
      }
      ASSERT_GE(held_of[label], 1u);
      ASSERT_LT(held_of[label], members);
      ASSERT_LE(
          std::abs(static_cast<double>(held_of[label]) - fraction * static_cast<double>(members)),
          1.0);
    }
  }
}

TEST(StratifiedHoldout, TheSeedDecidesAndAFractionIsWithinZeroAndOne) {
  const std::vector<int> labels(50, 0);
  EXPECT_EQ(stratified_holdout(labels, 0.2, 1), stratified_holdout(labels, 0.2, 1));
  EXPECT_NE(stratified_holdout(labels, 0.2, 1), stratified_holdout(labels, 0.2, 2));
  for (const double bad : {0.0, 1.0, -0.5, std::nan("")}) {
    EXPECT_THROW(stratified_holdout(labels, bad, 0), std::invalid_argument);
  }
}

TEST(MultilabelFolds, EachLabelIsSpreadAndSinglesAlwaysTrain) {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    const int categories = 1 + static_cast<int>(random.below(6));
    const int folds = 2 + static_cast<int>(random.below(4));
    std::vector<std::vector<int>> labels(random.below(120));
    std::vector<size_t> members(static_cast<size_t>(categories));
    for (auto& item : labels) {
      for (int label = 0; label < categories; ++label) {
        if (random.below(static_cast<std::uint64_t>(label) + 2) != 0) continue;
        item.push_back(label);
        ++members[static_cast<size_t>(label)];
      }
    }
    const auto result =
        multilabel_folds(labels, categories, folds, static_cast<std::uint64_t>(round));
    ASSERT_EQ(result.size(), labels.size());
    std::vector<std::vector<size_t>> counts(static_cast<size_t>(categories),
                                            std::vector<size_t>(static_cast<size_t>(folds)));
    std::vector<size_t> totals(static_cast<size_t>(folds));
    for (size_t i = 0; i < labels.size(); ++i) {
      const bool single = std::any_of(labels[i].begin(), labels[i].end(), [&](int label) {
        return members[static_cast<size_t>(label)] == 1;
      });
      ASSERT_EQ(result[i] == -1, single);
      if (single) continue;
      ASSERT_LT(result[i], folds);
      ++totals[static_cast<size_t>(result[i])];
      for (const int label : labels[i])
        ++counts[static_cast<size_t>(label)][static_cast<size_t>(result[i])];
    }
    for (const auto& of_label : counts) ASSERT_LE(spread(of_label), 3u) << "round " << round;
    ASSERT_LE(spread(totals), 5u) << "round " << round;
  }
}

TEST(MultilabelFolds, OneLabelEachIsAsEvenAsStratifiedFolds) {
  std::vector<std::vector<int>> labels;
  for (int i = 0; i < 60; ++i) labels.push_back({i % 3 == 0 ? 0 : 1});
  const auto result = multilabel_folds(labels, 2, 5, 1);
  std::map<std::pair<int, int>, int> counts;
  for (size_t i = 0; i < labels.size(); ++i) ++counts[{labels[i][0], result[i]}];
  for (int fold = 0; fold < 5; ++fold) {
    EXPECT_EQ((counts[{0, fold}]), 4);
    EXPECT_EQ((counts[{1, fold}]), 8);
  }
  EXPECT_THROW(multilabel_folds({{5}}, 2, 2, 0), std::out_of_range);
}

}  // namespace
}  // namespace preannotate
