#include "preannotate/quality/finishing_plan.h"

#include <gtest/gtest.h>

#include "preannotate/quality/exact_counts.h"

namespace preannotate {
namespace {

TEST(FinishingPlan, NothingLeftTakesNoTime) {
  const auto plan = cheapest_finish({}, 0, 0.05, {}, 10);
  EXPECT_EQ(plan.sample, 0);
  EXPECT_EQ(plan.seconds, 0);
}

TEST(FinishingPlan, LooksAtEveryDraftWhereASampleWouldTakeLonger) {
  const ClassCost cost;
  const auto plan = cheapest_finish(std::vector<double>(500, 0.98), 5, 0.05, cost, 10);
  EXPECT_EQ(plan.sample, 0);
  EXPECT_NEAR(plan.seconds, 500 * page_seconds(cost, 0.02), 1e-9);
}

TEST(FinishingPlan, DrawsASampleWhereManyDraftsMayBeAccepted) {
  const auto plan = cheapest_finish(std::vector<double>(20000, 0.999), 200, 0.05, {}, 10);
  EXPECT_GE(plan.sample, answers_needed(20000, 0.01, 0.05));
  EXPECT_GT(plan.accepted, 15000);
  EXPECT_LT(plan.seconds, 20000 * page_seconds({}, 0.001) / 4);
}

TEST(FinishingPlan, AcceptsOnlyTheSureEndOfWhatIsLeft) {
  std::vector<double> scores(4000, 0.5);
  scores.resize(20000, 0.9999);
  const auto plan = cheapest_finish(scores, 600, 0.05, {}, 10);
  EXPECT_GT(plan.accepted, 15000);
  EXPECT_LT(plan.accepted, 17000);
}

TEST(FinishingPlan, NoErrorAllowedMeansToLookAtEveryDraft) {
  EXPECT_EQ(cheapest_finish(std::vector<double>(1000, 0.99), 0, 0.05, {}, 10).sample, 0);
}

}  // namespace
}  // namespace preannotate
