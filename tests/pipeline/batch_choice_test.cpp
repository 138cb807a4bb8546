#include "preannotate/pipeline/batch_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

constexpr size_t kColumns = 8;

/// Points around `centres` axes of space, `sizes[c]` of them around axis c, in this order.
std::vector<float> clouds(const std::vector<size_t>& sizes, double spread, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values;
  for (size_t c = 0; c < sizes.size(); ++c) {
    for (size_t i = 0; i < sizes[c]; ++i) {
      for (size_t column = 0; column < kColumns; ++column) {
        const double noise = spread * (2 * random.uniform() - 1);
        values.push_back(static_cast<float>((column == c ? 3 : 1) + noise));
      }
    }
  }
  return values;
}

size_t cloud_of(size_t row, const std::vector<size_t>& sizes) {
  size_t c = 0;
  while (row >= sizes[c]) row -= sizes[c++];
  return c;
}

class BatchChoiceTest : public testing::Test {
 protected:
  FeatureRows rows() const { return {values_, kColumns}; }
  BatchCandidates candidates() const { return {rows(), uncertainty_, {}, {}, {}}; }
  std::map<size_t, int> per_cloud(const std::vector<size_t>& chosen) const {
    std::map<size_t, int> count;
    for (const size_t row : chosen) ++count[cloud_of(row, sizes_)];
    return count;
  }
  std::vector<size_t> sizes_{60, 40, 20, 10};
  std::vector<float> values_ = clouds(sizes_, 0.3, 5);
  std::vector<double> uncertainty_ = std::vector<double>(130, 0.5);
};

TEST_F(BatchChoiceTest, AColdStartTakesOneOfEachCloudTheLargestFirst) {
  const auto chosen = cold_start(rows(), 4, 1);
  ASSERT_EQ(chosen.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(cloud_of(chosen[i], sizes_), i);
}

TEST_F(BatchChoiceTest, AColdStartTakesTheTypicalOneNotTheOutlier) {
  // One cloud, and a point far out in its own direction within the same cluster.
  sizes_ = {60};
  values_ = clouds(sizes_, 0.3, 5);
  for (size_t column = 0; column < kColumns; ++column) values_.push_back(column == 7 ? 9.F : 1.F);
  const auto chosen = cold_start(rows(), 1, 1);
  ASSERT_EQ(chosen.size(), 1u);
  EXPECT_NE(chosen[0], 60u);
}

TEST_F(BatchChoiceTest, AColdStartOfAsManyAsThereAreTakesAll) {
  EXPECT_EQ(cold_start(rows(), 130, 1).size(), 130u);
  EXPECT_EQ(cold_start(rows(), 500, 1).size(), 130u);
  EXPECT_TRUE(cold_start({}, 5, 1).empty());
  EXPECT_TRUE(cold_start(rows(), 0, 1).empty());
}

TEST_F(BatchChoiceTest, ALargeColdStartIsSpreadOverParts) {
  sizes_ = {900, 600};
  values_ = clouds(sizes_, 0.3, 8);
  const auto chosen = cold_start(rows(), 1201, 1);
  EXPECT_EQ(chosen.size(), 1201u);
  EXPECT_EQ(std::set<size_t>(chosen.begin(), chosen.end()).size(), 1201u);
  EXPECT_LT(*std::max_element(chosen.begin(), chosen.end()), 1500u);
  const auto nearly_all = cold_start(rows(), 1499, 1);
  EXPECT_EQ(std::set<size_t>(nearly_all.begin(), nearly_all.end()).size(), 1499u);
}

TEST_F(BatchChoiceTest, ImagesOfOneContentAreAColdStartToo) {
  values_.assign(130 * kColumns, 2.F);
  const auto chosen = cold_start(rows(), 7, 1);
  EXPECT_EQ(std::set<size_t>(chosen.begin(), chosen.end()).size(), 7u);
}

TEST_F(BatchChoiceTest, ABatchHoldsEachImageOnceAndItsBlindShare) {
  const Batch batch = choose_batch(candidates(), {40, 0.15, 3});
  EXPECT_EQ(batch.blind.size(), 6u);
  EXPECT_EQ(batch.chosen.size(), 34u);
  std::set<size_t> all(batch.chosen.begin(), batch.chosen.end());
  all.insert(batch.blind.begin(), batch.blind.end());
  EXPECT_EQ(all.size(), 40u);
  EXPECT_LT(*all.rbegin(), 130u);
}

TEST_F(BatchChoiceTest, ABatchIsTheSameForASeedAndAnotherForAnother) {
  const Batch first = choose_batch(candidates(), {40, 0.15, 3});
  const Batch again = choose_batch(candidates(), {40, 0.15, 3});
  const Batch other = choose_batch(candidates(), {40, 0.15, 4});
  EXPECT_EQ(first.chosen, again.chosen);
  EXPECT_EQ(first.blind, again.blind);
  EXPECT_NE(first.blind, other.blind);
}

TEST_F(BatchChoiceTest, TheBlindPartIsUniformWhateverTheUncertainty) {
  for (size_t i = 0; i < 60; ++i) uncertainty_[i] = 1e-9;
  std::map<size_t, int> drawn;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    for (const auto& [cloud, count] : per_cloud(choose_batch(candidates(), {13, 0.2, seed}).blind))
      drawn[cloud] += count;
  }
  // 400 x 3 draws, of which 60 / 130 = 554 are expected of the first cloud, with deviation 17.
  EXPECT_NEAR(drawn[0], 554, 70);
}

TEST_F(BatchChoiceTest, UnsureImagesAreChosenOverSureOnes) {
  for (size_t i = 0; i < 130; ++i) uncertainty_[i] = cloud_of(i, sizes_) == 2 ? 0.9 : 0.001;
  const Batch batch = choose_batch(candidates(), {5, 0, 1});
  EXPECT_EQ(per_cloud(batch.chosen)[2], 5);
}

TEST_F(BatchChoiceTest, ABatchSpreadsOverWhatIsUnsure) {
  const Batch batch = choose_batch(candidates(), {4, 0, 1});
  EXPECT_EQ(per_cloud(batch.chosen).size(), 4u);
  EXPECT_EQ(cloud_of(batch.chosen[0], sizes_), 0u) << "what stands for most is the first";
}

TEST_F(BatchChoiceTest, WhatIsLikeALabelledImageWaits) {
  BatchCandidates known = candidates();
  const std::vector<float> labelled(values_.begin(), values_.begin() + 20 * kColumns);
  known.labelled = {labelled, kColumns};
  EXPECT_EQ(cloud_of(choose_batch(candidates(), {1, 0, 1}).chosen[0], sizes_), 0u);
  EXPECT_EQ(cloud_of(choose_batch(known, {1, 0, 1}).chosen[0], sizes_), 1u);
}

TEST_F(BatchChoiceTest, OfAlikeCandidatesThoseOfARareClassComeFirst) {
  std::vector<int> predicted;
  for (size_t i = 0; i < 130; ++i) predicted.push_back(static_cast<int>(cloud_of(i, sizes_)));
  BatchCandidates balanced = candidates();
  balanced.predicted = predicted;
  const std::vector<size_t> counts{80, 2, 80, 80};
  balanced.class_counts = counts;
  EXPECT_EQ(cloud_of(choose_batch(candidates(), {1, 0, 1}).chosen[0], sizes_), 0u);
  EXPECT_EQ(cloud_of(choose_batch(balanced, {1, 0, 1}).chosen[0], sizes_), 1u);
}

TEST_F(BatchChoiceTest, ABudgetBeyondTheCandidatesTakesAll) {
  const Batch batch = choose_batch(candidates(), {500, 0.1, 1});
  EXPECT_EQ(batch.chosen.size() + batch.blind.size(), 130u);
  EXPECT_TRUE(choose_batch({}, {5, 0.1, 1}).chosen.empty());
}

TEST_F(BatchChoiceTest, WithNothingUnsureABatchIsFullNonetheless) {
  uncertainty_.assign(130, 0.0);
  EXPECT_EQ(choose_batch(candidates(), {10, 0, 1}).chosen.size(), 10u);
}

TEST_F(BatchChoiceTest, ManyCandidatesAreChosenFromInParts) {
  sizes_ = {3000, 2000, 2500, 1500};
  values_ = clouds(sizes_, 0.3, 6);
  uncertainty_.assign(9000, 0.5);
  const Batch batch = choose_batch(candidates(), {31, 0.1, 1});
  EXPECT_EQ(batch.chosen.size(), 28u);
  EXPECT_EQ(std::set<size_t>(batch.chosen.begin(), batch.chosen.end()).size(), 28u);
  EXPECT_EQ(per_cloud(batch.chosen).size(), 4u);
}

TEST_F(BatchChoiceTest, NearlyAllOfManyCandidatesCanBeChosen) {
  sizes_ = {2100, 2001};
  values_ = clouds(sizes_, 0.3, 6);
  uncertainty_.assign(4101, 0.5);
  const auto chosen = choose_batch(candidates(), {4100, 0, 1}).chosen;
  EXPECT_EQ(std::set<size_t>(chosen.begin(), chosen.end()).size(), 4100u);
}

}  // namespace
}  // namespace preannotate
