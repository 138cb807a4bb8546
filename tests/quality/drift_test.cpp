#include "preannotate/quality/drift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "preannotate/core/random.h"
#include "preannotate/quality/strangeness.h"

namespace preannotate {
namespace {

double normal(Random& random) {
  return std::sqrt(-2 * std::log(1 - random.uniform())) * std::cos(2 * M_PI * random.uniform());
}

/// Classes of a world: each a normal distribution of its own place and width.
struct World {
  static constexpr size_t kDimension = 12;
  std::vector<std::vector<double>> centres;
  std::vector<double> widths;

  World(size_t classes, Random& random) {
    for (size_t c = 0; c < classes; ++c) {
      centres.emplace_back(kDimension);
      for (double& place : centres.back()) place = 1.5 * normal(random);
      widths.push_back(0.5 + random.uniform());
    }
  }

  /// An image of class c; `shift` moves it in a direction in which no image of the seed lies.
  std::vector<float> image(size_t c, Random& random, double shift = 0) const {
    std::vector<float> row(kDimension);
    for (size_t d = 0; d < kDimension; ++d) {
      row[d] = static_cast<float>(centres[c][d] + widths[c] * normal(random));
    }
    row[0] += static_cast<float>(shift * widths[c]);
    return row;
  }
};

std::vector<StratumTally> strata_of(const std::vector<size_t>& seed_sizes) {
  std::vector<StratumTally> strata;
  for (const size_t size : seed_sizes) strata.push_back({size});
  return strata;
}

/// `images` of one share against a seed of one stratum.
Drift of_one_share(double share, size_t images, size_t seed) {
  auto strata = strata_of({seed});
  for (size_t i = 0; i < images; ++i) strata[0].add(share);
  return drift(strata);
}

using Counts = std::vector<size_t>;  // images of each class

Drift simulated(const World& world, const Counts& seed, const Counts& folder, Random& random,
                double shift = 0) {
  SeedFeatures features{World::kDimension, {}, {}};
  for (size_t c = 0; c < seed.size(); ++c) {
    for (size_t i = 0; i < seed[c]; ++i) {
      const auto row = world.image(c, random);
      features.rows.insert(features.rows.end(), row.begin(), row.end());
      features.classes.push_back(static_cast<int>(c));
    }
  }
  const StrangenessScale scale(std::move(features));
  auto strata = strata_of(scale.stratum_sizes());
  for (size_t c = 0; c < folder.size(); ++c) {
    for (size_t i = 0; i < folder[c]; ++i) {
      const auto found = scale.of(world.image(c, random, shift), static_cast<int>(c));
      if (found) strata[scale.stratum_of(static_cast<int>(c))].add(found->share);
    }
  }
  return drift(strata);
}

/// Of `trials` folders, how many have p below `level`.
struct Alarms {
  int at_5_percent = 0, at_1_percent = 0, verdicts = 0;
  double auc = 0;  // mean
};

Alarms alarms(const Counts& seed, const Counts& folder, int trials, double shift = 0) {
  Random random(seed.size() * 1000 + folder.front());
  Alarms found;
  for (int trial = 0; trial < trials; ++trial) {
    const World world(seed.size(), random);
    const Drift one = simulated(world, seed, folder, random, shift);
    found.at_5_percent += one.p_value < 0.05;
    found.at_1_percent += one.p_value < 0.01;
    found.verdicts += one.verdict == DriftVerdict::kUnlike;
    found.auc += one.auc.value / trials;
  }
  return found;
}

constexpr int kTrials = 1000;

/// At most that, give or take: 1,000 trials at 5 % have a standard deviation of 7, at 1 % of 3.
void expect_stated_rate(const Counts& seed, const Counts& folder) {
  const Alarms found = alarms(seed, folder, kTrials);
  EXPECT_LE(found.at_5_percent, 64);
  EXPECT_GE(found.at_5_percent, 20);
  EXPECT_LE(found.at_1_percent, 17);
  EXPECT_LE(found.verdicts, 3);
  EXPECT_NEAR(found.auc, 0.5, 0.01);
}

TEST(Drift, FalseAlarmsComeAtTheStatedRate) {
  expect_stated_rate({20, 20, 20, 20}, {25, 25, 25, 25});
}

TEST(Drift, AnotherClassMixRaisesNoAlarms) {
  expect_stated_rate({20, 20, 20, 20}, {120, 10, 0, 0});
  expect_stated_rate({60, 30, 12, 12}, {4, 4, 30, 30});
}

TEST(Drift, TinyClassesRaiseNoAlarms) {
  expect_stated_rate({15, 15, 15, 15, 10, 10}, {4, 4, 4, 4, 4, 4});
}

TEST(Drift, AShiftIsFoundInFiftyImages) {
  const Alarms found = alarms({30, 30, 30}, {17, 17, 16}, 100, 3);
  EXPECT_GE(found.verdicts, 95);
  EXPECT_GT(found.auc, 0.7);
}

TEST(Drift, ASmallShiftIsNoVerdictHoweverSureItIs) {
  const Drift small = of_one_share(0.58, 3000, 1000);
  EXPECT_LT(small.p_value, kMostDriftP);
  EXPECT_EQ(small.verdict, DriftVerdict::kLike);
  const Drift large = of_one_share(0.62, 3000, 1000);
  EXPECT_EQ(large.verdict, DriftVerdict::kUnlike);
}

TEST(Drift, ALargeShiftIsNoVerdictUnlessItIsSure) {
  const Drift unsure = of_one_share(0.7, 20, 20);
  EXPECT_GT(unsure.p_value, kMostDriftP);
  EXPECT_EQ(unsure.verdict, DriftVerdict::kLike);
}

TEST(Drift, FewImagesGetNoVerdictWhateverTheyAre) {
  for (const size_t images : {1, 5, 19}) {
    EXPECT_EQ(of_one_share(1.0, images, 100).verdict, DriftVerdict::kTooFew);
    EXPECT_EQ(of_one_share(1.0, images, 100).images, images);
  }
  EXPECT_EQ(of_one_share(1.0, 20, 100).verdict, DriftVerdict::kUnlike);
  EXPECT_EQ(of_one_share(1.0, 20, 19).verdict, DriftVerdict::kTooFew);
  EXPECT_EQ(of_one_share(0.5, 20, 100).verdict, DriftVerdict::kLike);
}

TEST(Drift, AnEmptyFolderSaysNothing) {
  const Drift none = drift(strata_of({100, 100}));
  EXPECT_EQ(none.verdict, DriftVerdict::kTooFew);
  EXPECT_EQ(none.auc.low, 0);
  EXPECT_EQ(none.auc.high, 1);
  EXPECT_EQ(none.p_value, 1);
}

// Two strata of 10 and 40 images, of which the folder has 2 and 3: weights 20/13 and 120/44.
TEST(Drift, TheStatisticIsVanElterens) {
  auto strata = strata_of({10, 40});
  for (const double share : {0.9, 0.7}) strata[0].add(share);
  for (const double share : {0.4, 0.5, 0.99}) strata[1].add(share);
  const Drift found = drift(strata);
  const double w0 = 20 / 13.0, w1 = 120 / 44.0;
  const double auc = (w0 * 0.8 + w1 * 0.63) / (w0 + w1);
  const double deviation = std::sqrt(1.2 * (w0 + w1) / 12) / (w0 + w1);
  EXPECT_NEAR(found.auc.value, auc, 1e-12);
  EXPECT_NEAR(found.p_value, 0.5 * std::erfc((auc - 0.5) / deviation / std::sqrt(2)), 1e-12);
  EXPECT_NEAR(found.strange_share, 0.2, 1e-12);
}

/// The AUC of normal distributions d apart is known: Phi(d / sqrt 2).
TEST(Drift, TheIntervalHoldsTheTrueAucAsOftenAsItSays) {
  Random random(5);
  for (const double apart : {0.0, 1.0, 2.5}) {
    const double truth = 0.5 * std::erfc(-apart / 2);
    int held = 0;
    for (int trial = 0; trial < 500; ++trial) {
      std::vector<double> seed(60);
      for (double& score : seed) score = normal(random);
      auto folder = strata_of({60});
      for (int i = 0; i < 40; ++i) {
        const double score = apart + normal(random);
        double less = 0;
        for (const double other : seed) less += other < score;
        folder[0].add(less / 60);
      }
      const Interval auc = drift(folder).auc;
      held += auc.low <= truth && truth <= auc.high;
    }
    EXPECT_GE(held, 465) << apart;  // 95 % are 475, with a standard deviation of 5
  }
}

TEST(ClassMix, IsComparedByShares) {
  const ClassMix mix = class_mix({30, 30, 40}, {60, 60, 80});
  EXPECT_NEAR(mix.total_variation, 0, 1e-12);
  EXPECT_TRUE(mix.missing.empty());
  EXPECT_EQ(mix.dominant, -1);
  EXPECT_NEAR(class_mix({50, 50}, {30, 10}).total_variation, 0.25, 1e-12);
}

TEST(ClassMix, AClassIsMissingOnlyWhereItWasToBeExpected) {
  EXPECT_EQ(class_mix({10, 45, 45}, {0, 50, 50}).missing, std::vector<size_t>{0});
  EXPECT_TRUE(class_mix({10, 45, 45}, {0, 49, 50}).missing.empty());
  EXPECT_TRUE(class_mix({0, 50, 50}, {0, 500, 500}).missing.empty());
}

TEST(ClassMix, OneClassThatHasNearlyAllIsNamed) {
  EXPECT_EQ(class_mix({50, 50}, {9, 91}).dominant, 1);
  EXPECT_EQ(class_mix({50, 50}, {11, 89}).dominant, -1);
  EXPECT_EQ(class_mix({5, 95}, {5, 95}).dominant, -1);
}

TEST(ClassMix, OfNothingIsNothing) {
  const ClassMix mix = class_mix({5, 5}, {0, 0});
  EXPECT_EQ(mix.total_variation, 0);
  EXPECT_TRUE(mix.missing.empty());
  EXPECT_EQ(mix.dominant, -1);
}

}  // namespace
}  // namespace preannotate
