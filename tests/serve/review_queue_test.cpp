#include "preannotate/serve/review_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace preannotate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using namespace std::chrono_literals;

class ReviewQueueTest : public testing::Test {
 protected:
  std::vector<size_t> take(const std::string& reviewer, size_t count, std::optional<int> group = {},
                           const std::set<size_t>& held = {}) {
    return queue_.take(reviewer, count, group, held, now_);
  }
  ReviewQueue queue_{{7, 7, 7, 3, 3, ReviewQueue::kNoGroup}};
  ReviewQueue::Time now_{1h};
};

TEST_F(ReviewQueueTest, ItemsComeInTheirOrder) {
  EXPECT_THAT(take("ann", 4), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(take("ann", 9), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST_F(ReviewQueueTest, WhatThePageHoldsIsNotGivenAgain) {
  take("ann", 2);
  EXPECT_THAT(take("ann", 2, {}, {0, 1}), ElementsAre(2, 3));
}

TEST_F(ReviewQueueTest, AGroupGivesItsOwnAlone) {
  EXPECT_THAT(take("ann", 9, 3), ElementsAre(3, 4));
  EXPECT_THAT(take("ann", 9, 5), IsEmpty());
}

TEST_F(ReviewQueueTest, NobodyElseGetsWhatIsLeased) {
  take("ann", 2);
  EXPECT_THAT(take("ben", 2), ElementsAre(2, 3));
  EXPECT_EQ(queue_.holder(0, "ben", now_), "ann");
  EXPECT_EQ(queue_.holder(0, "ann", now_), "");
}

TEST_F(ReviewQueueTest, ALeaseEndsWhenItsHolderIsSilent) {
  take("ann", 2);
  now_ += ReviewQueue::kLease - 1s;
  EXPECT_THAT(take("ben", 1), ElementsAre(2));
  now_ += 1s;
  EXPECT_THAT(take("ben", 2), ElementsAre(0, 1));
}

TEST_F(ReviewQueueTest, AWordOfItsHolderRenewsALease) {
  take("ann", 1);
  now_ += ReviewQueue::kLease - 1s;
  queue_.renew("ann", now_);
  now_ += ReviewQueue::kLease - 1s;
  EXPECT_THAT(take("ben", 1), ElementsAre(1));
}

TEST_F(ReviewQueueTest, WhatIsDecidedIsNotAskedAgain) {
  queue_.decide(0, "ann");
  queue_.decide(3, "ben");
  EXPECT_THAT(take("ann", 9), ElementsAre(1, 2, 4, 5));
  EXPECT_EQ(queue_.decided(), 2u);
  EXPECT_EQ(queue_.left("ann"), 4u);
  EXPECT_EQ(queue_.decider(3), "ben");
}

TEST_F(ReviewQueueTest, WhatOneSkipsIsAskedOfOthers) {
  take("ann", 1);
  queue_.skip(0, "ann");
  EXPECT_THAT(take("ann", 1), ElementsAre(1));
  EXPECT_THAT(take("ben", 1), ElementsAre(0));
  EXPECT_EQ(queue_.left("ann"), 5u);
  EXPECT_EQ(queue_.left("ben"), 6u);
}

TEST_F(ReviewQueueTest, GroupsCountWhatIsLeftOfThemInTheirOrder) {
  EXPECT_THAT(queue_.groups_left("ann"), ElementsAre(Pair(7, 3), Pair(3, 2)));
  queue_.decide(3, "ben");
  queue_.skip(4, "ann");
  queue_.skip(0, "ann");
  EXPECT_THAT(queue_.groups_left("ann"), ElementsAre(Pair(7, 2)));
  EXPECT_THAT(queue_.groups_left("ben"), ElementsAre(Pair(7, 3), Pair(3, 1)));
}

TEST_F(ReviewQueueTest, WhatWasSkippedAndThenDecidedByOthersIsCountedOnce) {
  queue_.skip(0, "ann");
  queue_.decide(0, "ben");
  EXPECT_EQ(queue_.left("ann"), 5u);
  EXPECT_EQ(queue_.left("ben"), 5u);
}

TEST_F(ReviewQueueTest, UndoGoesBackStepByStepThroughWhatOneDid) {
  queue_.decide(0, "ann");
  queue_.decide(1, "ben");
  queue_.skip(2, "ann");
  EXPECT_EQ(queue_.last_of("ann"), 2u);
  queue_.undo(2, "ann");
  EXPECT_EQ(queue_.last_of("ann"), 0u);
  queue_.undo(0, "ann");
  EXPECT_EQ(queue_.last_of("ann"), std::nullopt);
  EXPECT_EQ(queue_.last_of("ben"), 1u);
  EXPECT_THAT(take("ann", 9), ElementsAre(0, 2, 3, 4, 5));
}

TEST_F(ReviewQueueTest, UndoLeavesAloneWhatAnotherHasDecidedSince) {
  queue_.decide(1, "ann");
  queue_.skip(0, "ann");
  queue_.decide(0, "ben");
  EXPECT_EQ(queue_.last_of("ann"), 1u);
}

TEST_F(ReviewQueueTest, UndoOfASkipIsOnesOwn) {
  queue_.skip(0, "ann");
  queue_.skip(0, "ben");
  queue_.undo(0, "ann");
  EXPECT_THAT(take("ann", 1), ElementsAre(0));
  EXPECT_EQ(queue_.left("ben"), 5u);
}

TEST_F(ReviewQueueTest, AnItemThatIsOpenedAgainIsAskedOfAll) {
  queue_.decide(0, "ann");
  queue_.reopen(0);
  EXPECT_THAT(take("ben", 1), ElementsAre(0));
  EXPECT_EQ(queue_.last_of("ann"), std::nullopt);
}

TEST_F(ReviewQueueTest, AnItemThatIsCorrectedIsDecidedOnce) {
  queue_.decide(0, "ann");
  queue_.decide(0, "ann");
  EXPECT_EQ(queue_.decided(), 1u);
  queue_.undo(0, "ann");
  EXPECT_EQ(queue_.last_of("ann"), std::nullopt);
}

/// Each request walks over what others hold and what was skipped, never over what is decided.
TEST(ReviewQueueOfManyImages, IsAnsweredInAMoment) {
  const size_t count = 100'000;
  std::vector<int> groups;
  for (size_t item = 0; item < count; ++item) groups.push_back(static_cast<int>(item % 50));
  ReviewQueue queue(groups);
  const ReviewQueue::Time now{1h};
  size_t answered = 0;
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    const auto items = queue.take("ann", 20, {}, {}, now);
    if (items.empty()) break;
    for (const size_t item : items) queue.decide(item, "ann");
    answered += items.size();
    ASSERT_EQ(queue.left("ann"), count - answered);
  }
  EXPECT_EQ(answered, count);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

}  // namespace
}  // namespace preannotate
