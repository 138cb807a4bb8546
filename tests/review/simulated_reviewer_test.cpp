#include "preannotate/review/simulated_reviewer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

constexpr size_t kImages = 20000;

/// All images are of class 0; it is taken for class 2 only.
SimulatedReviewer reviewer(const std::string& kind) {
  return {
      reviewer_named(kind), std::vector<int>(kImages, 0), {{90, 0, 10}, {0, 1, 0}, {0, 0, 1}}, 7};
}

TEST(SimulatedReviewer, TheOracleIsAlwaysRight) {
  auto oracle = reviewer("oracle");
  for (size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(oracle.chooses(i), 0);
    EXPECT_TRUE(oracle.accepts(i, 0));
    EXPECT_FALSE(oracle.accepts(i, 2));
    EXPECT_EQ(oracle.corrects(i, 2), 0);
  }
}

TEST(SimulatedReviewer, TheNoisyOneErrsAlongTheConfusionsAsOftenAsPeople) {
  auto noisy = reviewer("noisy");
  long wrong = 0, majority_wrong = 0;
  for (size_t i = 0; i < kImages; ++i) {
    wrong += noisy.chooses(i) != 0;
    int against = 0;
    for (int look = 0; look < 51; ++look) against += noisy.chooses(i) == 2;
    majority_wrong += against > 25;
  }
  EXPECT_NEAR(static_cast<double>(wrong) / kImages, 0.048, 0.005);
  EXPECT_NEAR(static_cast<double>(majority_wrong) / kImages, 0.008, 0.002);
}

TEST(SimulatedReviewer, TheNoisyOneAcceptsAWrongDraftOnlyWhereItWouldHaveChosenIt) {
  auto noisy = reviewer("noisy");
  long confusable = 0, other = 0, right = 0;
  for (size_t i = 0; i < kImages; ++i) {
    confusable += noisy.accepts(i, 2);
    other += noisy.accepts(i, 1);
    right += noisy.accepts(i, 0);
  }
  EXPECT_NEAR(static_cast<double>(confusable) / kImages, 0.048, 0.005);
  EXPECT_EQ(other, 0);
  EXPECT_EQ(right, static_cast<long>(kImages));
}

TEST(SimulatedReviewer, TheBiasedOneAcceptsItsShareOfWrongDraftsAndChoosesRightly) {
  auto biased = reviewer("biased:0.1");
  long passed = 0;
  for (size_t i = 0; i < kImages; ++i) {
    passed += biased.accepts(i, 1);
    EXPECT_EQ(biased.chooses(i), 0);
    EXPECT_EQ(biased.corrects(i, 1), 0);
  }
  EXPECT_NEAR(static_cast<double>(passed) / kImages, 0.1, 0.01);
  EXPECT_EQ(reviewer_named("biased").passes, 0.3);
}

TEST(SimulatedReviewer, ARowWithoutConfusionsIsEven) {
  SimulatedReviewer noisy(reviewer_named("noisy"), std::vector<int>(kImages, 1),
                          {{1, 0, 0}, {0, 0, 0}, {0, 0, 1}}, 3);
  long first = 0, last = 0;
  for (size_t i = 0; i < kImages; ++i) {
    const int chosen = noisy.chooses(i);
    first += chosen == 0;
    last += chosen == 2;
  }
  EXPECT_GT(first, 300);
  EXPECT_GT(last, 300);
}

TEST(SimulatedReviewer, AnUnknownKindIsNamed) {
  for (const char* name :
       {"", "lazy", "biased:", "biased:2", "biased:-1", "biased:x", "biased:.3 "}) {
    try {
      reviewer_named(name);
      ADD_FAILURE() << name;
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kUsageError);
      EXPECT_THAT(error.what(), testing::HasSubstr("expected oracle, noisy, biased"));
    }
  }
}

}  // namespace
}  // namespace preannotate
