#include "pipeline/class_loop.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "preannotate/core/random.h"
#include "preannotate/model/device.h"

namespace preannotate {
namespace {

constexpr int kClasses = 4, kColumns = 12;

double normal(Random& random) {
  return std::sqrt(-2 * std::log(1 - random.uniform())) *
         std::cos(2 * std::acos(-1.0) * random.uniform());
}

/// Images as features alone: clouds of four classes, the further apart the larger `apart`.
struct Clouds {
  LabelledFeatures features;
  Seed seed;
  std::vector<std::vector<double>> confusions{kClasses, std::vector<double>(kClasses, 1.0)};

  Clouds(int images, double apart) {
    use_one_thread_per_operator();
    Random random(5);
    features.layout.embedding = kColumns;
    features.features = torch::empty({images, 1, kColumns});
    seed.task = "classify";
    seed.dataset.categories = {"a", "b", "c", "d"};
    float* value = features.features.data_ptr<float>();
    for (int i = 0; i < images; ++i) {
      const int label = i % kClasses;
      for (int column = 0; column < kColumns; ++column) {
        const double centre = column % kClasses == label ? apart : 0;
        *value++ = static_cast<float>(centre + normal(random));
      }
      features.samples.push_back(static_cast<size_t>(i));
      features.sha256.push_back(std::to_string(i));
      seed.dataset.samples.emplace_back().image = std::to_string(i) + ".jpg";
      seed.labels.push_back({label});
    }
  }

  LoopOutcome replay(const ClassLoopOptions& options) const {
    return replay_class_loop(features, seed, confusions, options);
  }
};

ClassLoopOptions by(const std::string& reviewer, double max_error) {
  ClassLoopOptions options;
  options.reviewer = reviewer;
  options.max_error = max_error;
  options.first = 20;
  options.seed = 3;
  return options;
}

TEST(ClassLoop, AnOracleLeavesNothingWrongAndTakesLessTimeThanByHand) {
  const Clouds clouds(500, 2);
  const auto outcome = clouds.replay(by("oracle", 0.01));
  EXPECT_EQ(outcome.images, 500);
  EXPECT_EQ(outcome.seen, 500);
  EXPECT_EQ(outcome.residual, 0);
  EXPECT_TRUE(outcome.certified);
  EXPECT_LE(outcome.bound, 0.01);
  EXPECT_GT(outcome.planted, 0);
  EXPECT_EQ(outcome.planted_passed, 0);
  EXPECT_EQ(outcome.unseen, 0);  // a sample of 500 would take longer
  EXPECT_GE(outcome.rounds.size(), 2u);
  const ClassCost cost;
  EXPECT_LT(outcome.actions.seconds(cost, kClasses), outcome.drafts_only.seconds(cost, kClasses));
  EXPECT_LT(outcome.drafts_only.seconds(cost, kClasses), 500 * cost.choose(kClasses));
}

TEST(ClassLoop, EveryImageIsLabelledByHandAcceptedOrCorrected) {
  const auto outcome = Clouds(500, 1.5).replay(by("oracle", 0.01));
  const auto& did = outcome.actions;
  EXPECT_GE(did.chosen, 20);
  // Planted ones were all clicked; the others of the pages were accepted or clicked.
  const long shown = 500 - did.chosen;
  EXPECT_EQ(did.looked - outcome.planted, shown);
  EXPECT_EQ(outcome.in_pages + did.clicked - outcome.planted, shown);
  EXPECT_EQ(outcome.caught, did.clicked - outcome.planted);
  EXPECT_EQ(did.fixed, did.clicked);
  EXPECT_EQ(outcome.drafts_only.verified, 480);
  EXPECT_GE(outcome.drafts_only.fixed, outcome.caught);
}

TEST(ClassLoop, ManyImagesAndALoosePromiseLeaveMostUnseenAndNoMoreWrongThanCertified) {
  const auto outcome = Clouds(1500, 2).replay(by("oracle", 0.05));
  EXPECT_TRUE(outcome.certified);
  EXPECT_GT(outcome.sample, 0);
  EXPECT_GT(outcome.unseen, 600);
  EXPECT_GT(outcome.residual, 0);
  EXPECT_LE(outcome.residual, 0.05);
  EXPECT_LE(outcome.residual, outcome.bound);
  EXPECT_EQ(outcome.seen + outcome.unseen, 1500);
}

TEST(ClassLoop, AReviewerWhoLetsWrongDraftsPassIsNotCertified) {
  const auto outcome = Clouds(500, 1.5).replay(by("biased:0.6", 0.01));
  EXPECT_GT(outcome.planted_passed, 0);
  EXPECT_GT(outcome.residual, 0.01);
  EXPECT_FALSE(outcome.certified);
}

TEST(ClassLoop, ANoisyPersonsLabelsAreVerifiedWhereTheModelContradicts) {
  auto options = by("noisy", 0.002);
  const auto outcome = Clouds(500, 1.5).replay(options);
  EXPECT_GT(outcome.actions.verified, 0);
  EXPECT_LT(outcome.residual, 0.048);  // less than a person alone
}

TEST(ClassLoop, TheBudgetIsKeptAndNothingPromised) {
  auto options = by("oracle", 0.05);
  options.budget = 90;
  const auto outcome = Clouds(500, 2).replay(options);
  EXPECT_EQ(outcome.seen, 90);
  EXPECT_FALSE(outcome.certified);
  EXPECT_GT(outcome.residual, 0);
}

TEST(ClassLoop, NoMoreModelsAreTrainedThanAskedFor) {
  auto options = by("oracle", 0.05);
  options.rounds = 2;
  EXPECT_EQ(Clouds(500, 2).replay(options).rounds.size(), 2u);
}

TEST(ClassLoop, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const Clouds clouds(400, 1.5);
  auto options = by("noisy", 0.01);
  const auto first = clouds.replay(options), again = clouds.replay(options);
  EXPECT_EQ(first.residual, again.residual);
  EXPECT_EQ(first.actions.looked, again.actions.looked);
  EXPECT_EQ(first.actions.clicked, again.actions.clicked);
  options.seed = 4;
  const auto other = clouds.replay(options);
  EXPECT_NE(first.actions.seconds({}, kClasses), other.actions.seconds({}, kClasses));
}

}  // namespace
}  // namespace preannotate
