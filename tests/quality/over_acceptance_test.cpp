#include "preannotate/quality/over_acceptance.h"

#include <gtest/gtest.h>

namespace preannotate {
namespace {

// scipy.stats.beta.ppf(.025, 5, 56), .ppf(.975, 6, 55), SciPy 1.17.1
TEST(OverAcceptance, HasTheExactIntervalOfItsShare) {
  const auto reviewer = over_acceptance(60, 5);
  EXPECT_EQ(reviewer.planted, 60);
  EXPECT_EQ(reviewer.accepted, 5);
  EXPECT_DOUBLE_EQ(reviewer.beta.value, 5.0 / 60);
  EXPECT_NEAR(reviewer.beta.low, 0.027613310337426394, 1e-12);
  EXPECT_NEAR(reviewer.beta.high, 0.18385778337658576, 1e-12);
}

TEST(OverAcceptance, IsUnknownWithoutPlantedDrafts) {
  const auto reviewer = over_acceptance(0, 0);
  EXPECT_EQ(reviewer.beta.low, 0);
  EXPECT_EQ(reviewer.beta.high, 1);
}

TEST(OverAcceptance, ThreatensWhenItCouldUseUpHalfOfTheErrorAllowed) {
  OverAcceptance reviewer;
  reviewer.beta = {0.1, 0.05, 0.25};
  EXPECT_FALSE(threatens(reviewer, 0.02, 0.01));  // 0.25 * 0.02 is half of 0.01, not more
  EXPECT_TRUE(threatens(reviewer, 0.021, 0.01));
  EXPECT_FALSE(threatens(reviewer, 0, 0));
}

TEST(AcceptedWeight, IsTheShareOfAcceptedDraftsThatAreRight) {
  // Of 100 drafts 20 are wrong, 6 of those are accepted: 80 of 86.
  EXPECT_DOUBLE_EQ(accepted_weight(0.3, 0.2), 80.0 / 86);
  EXPECT_EQ(accepted_weight(0, 0.2), 1);
  EXPECT_EQ(accepted_weight(1, 0.2), 0.8);
  EXPECT_EQ(accepted_weight(0.5, 0), 1);
  EXPECT_EQ(accepted_weight(0.5, 1), 0);
  EXPECT_EQ(accepted_weight(0, 1), 1);
}

}  // namespace
}  // namespace preannotate
