#include "preannotate/quality/passed_drafts.h"

#include <gtest/gtest.h>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

// scipy.stats.hypergeom.cdf(0, 30 + 100 + x, x, 30), SciPy 1.17.1: 0.0574 at x = 11, 0.0449 at 12
TEST(PassedDrafts, AreWhatFishersTestDoesNotExclude) {
  EXPECT_EQ(most_passed(100, 0, 30, 1000, 0.05), 12);
}

TEST(PassedDrafts, AreMoreWhenPlantedOnesPassed) {
  EXPECT_GT(most_passed(100, 3, 30, 1000, 0.05), most_passed(100, 0, 30, 1000, 0.05));
}

TEST(PassedDrafts, AreAnythingThatWasNotCaughtWithoutPlantedOnes) {
  EXPECT_EQ(most_passed(20, 0, 0, 50, 0.05), 30);
}

TEST(PassedDrafts, AreNoneWhenAllThatWasShownWasCaught) {
  EXPECT_EQ(most_passed(7, 0, 5, 7, 0.05), 0);
}

TEST(PassedDrafts, AsManyPlantedAsNeededKeepTheBoundAndOneFewerDoesNot) {
  const long planted = plants_needed(120, 16, 0.05);
  // All 120 wrong ones are met: 103 caught and 17 passed would be one too many.
  EXPECT_LE(most_passed(120 - 17, 0, planted, 1000, 0.05), 16);
  EXPECT_GT(most_passed(120 - 17, 0, planted - 1, 1000, 0.05), 16);
}

TEST(PassedDrafts, BoundHoldsInMostReviews) {
  Random random(1);
  int broken = 0;
  constexpr int kReviews = 2000;
  for (int review = 0; review < kReviews; ++review) {
    long caught = 0, passed = 0, planted_passed = 0;
    for (int i = 0; i < 150; ++i) (random.uniform() < 0.1 ? passed : caught) += 1;
    for (int i = 0; i < 40; ++i) planted_passed += random.uniform() < 0.1;
    broken += passed > most_passed(caught, planted_passed, 40, 1500, 0.05);
  }
  EXPECT_LE(broken, 0.06 * kReviews);
  EXPECT_GT(broken, 0.01 * kReviews);  // it is not idle either
}

}  // namespace
}  // namespace preannotate
