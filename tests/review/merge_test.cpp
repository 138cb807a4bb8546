#include "preannotate/review/merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

using Labels = std::vector<Label>;

constexpr Likeness kLikeness{};

Label box(float x, int category = 0, std::string id = "") {
  return {category, {}, Box{x, 0, x + 20, 20}, std::move(id)};
}

Label of_class(int category) {
  return {category, {}, {}, ""};
}

/// What a side made of the draft box(0).
const Labels kUnchanged = {box(0)}, kRelabelled = {box(0, 1)}, kRelabelledElse = {box(0, 2)},
             kMoved = {box(5)}, kMovedElse = {box(-6)}, kDeleted = {};

Merged merged(const Labels& theirs, const Labels& ours, Winner winner = Winner::kOurs) {
  return merge({box(0)}, theirs, ours, kLikeness, winner);
}

TEST(MergeTest, WhatOneSideChangedIsAsThatSideHasIt) {
  for (const Labels& changed : {kUnchanged, kRelabelled, kMoved, kDeleted}) {
    EXPECT_EQ(merged(changed, kUnchanged).labels, changed);
    EXPECT_EQ(merged(kUnchanged, changed).labels, changed);
    EXPECT_TRUE(merged(changed, kUnchanged).conflicts.empty());
    EXPECT_TRUE(merged(kUnchanged, changed).conflicts.empty());
  }
}

TEST(MergeTest, WhatBothDidAlikeIsDoneOnce) {
  for (const Labels& changed : {kRelabelled, kMoved, kDeleted}) {
    EXPECT_EQ(merged(changed, changed).labels, changed);
    EXPECT_TRUE(merged(changed, changed).conflicts.empty());
  }
  EXPECT_EQ(merged({box(5)}, {box(6)}).labels, Labels{box(6)}) << "they agree, ours stays";
}

TEST(MergeTest, WhatBothDidDifferentlyIsAConflictThatTheWinnerHas) {
  const std::vector<std::pair<Labels, Labels>> cells = {
      {kRelabelled, kRelabelledElse}, {kRelabelled, kMoved}, {kRelabelled, kDeleted},
      {kMoved, kMovedElse},           {kMoved, kDeleted},    {kMoved, kRelabelled},
      {kDeleted, kRelabelled},        {kDeleted, kMoved}};
  for (const auto& [theirs, ours] : cells) {
    EXPECT_EQ(merged(theirs, ours).labels, ours);
    EXPECT_EQ(merged(theirs, ours, Winner::kTheirs).labels, theirs);
    const auto conflicts = merged(theirs, ours).conflicts;
    ASSERT_EQ(conflicts.size(), 1u);
    EXPECT_EQ(conflicts[0].base, box(0));
    EXPECT_EQ(conflicts[0].theirs, theirs.empty() ? std::nullopt : std::optional(theirs[0]));
    EXPECT_EQ(conflicts[0].ours, ours.empty() ? std::nullopt : std::optional(ours[0]));
  }
}

TEST(MergeTest, WhatEitherAddedStays) {
  EXPECT_EQ(merge({}, {box(0)}, {box(90)}, kLikeness).labels, (Labels{box(90), box(0)}));
  EXPECT_EQ(merge({}, {box(1)}, {box(0)}, kLikeness).labels, Labels{box(0)}) << "the same object";
  const auto differ = merge({}, {box(0, 1)}, {box(0, 2)}, kLikeness);
  EXPECT_EQ(differ.labels, Labels{box(0, 2)});
  ASSERT_EQ(differ.conflicts.size(), 1u);
  EXPECT_EQ(differ.conflicts[0].base, std::nullopt);
}

TEST(MergeTest, ObjectsBesideOneAnotherAreMergedEachForItself) {
  const Labels base = {box(0), box(100), box(200)};
  const Labels theirs = {box(0, 1), box(100), box(300)};       // third deleted, one added
  const Labels ours = {box(0), box(105), box(200), box(400)};  // second moved, one added
  EXPECT_EQ(merge(base, theirs, ours, kLikeness).labels,
            (Labels{box(0, 1), box(105), box(400), box(300)}));
}

TEST(MergeTest, ADeletedDraftStaysDeleted) {
  EXPECT_TRUE(merged(kUnchanged, kDeleted).labels.empty());
  EXPECT_TRUE(merged(kUnchanged, kDeleted, Winner::kTheirs).labels.empty());
}

TEST(MergeTest, ARelabelledImageIsOneObject) {
  const Labels cat = {of_class(0)}, dog = {of_class(1)}, hen = {of_class(2)};
  EXPECT_EQ(merge(cat, dog, cat, kLikeness).labels, dog);
  EXPECT_EQ(merge(cat, cat, dog, kLikeness).labels, dog);
  EXPECT_EQ(merge(cat, dog, hen, kLikeness).conflicts.size(), 1u);
  EXPECT_EQ(merge({}, dog, hen, kLikeness).labels, hen) << "nothing was shown, both said a class";
}

TEST(MergeTest, IdsFindABoxThatWasDraggedFarAway) {
  const Labels base = {box(0, 0, "a"), box(100, 0, "b")};
  const Labels theirs = {box(500, 0, "a"), box(100, 0, "b")};
  const Labels ours = {box(0, 0, "a"), box(100, 1, "b")};
  EXPECT_EQ(merge(base, theirs, ours, kLikeness).labels,
            (Labels{box(500, 0, "a"), box(100, 1, "b")}));
}

Labels sorted(Labels labels) {
  std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) {
    const auto key = [](const Label& label) {
      return std::tuple(label.category, label.id, label.box ? label.box->x1 : -1);
    };
    return key(a) < key(b);
  });
  return labels;
}

/// Drafts in places of a grid, and the same after somebody worked on them at random.
struct Worked {
  Labels base, after;
};

Worked worked(Random& random, bool ids) {
  Worked worked;
  for (int i = 0; i < 6; ++i) {
    const auto draft = box(static_cast<float>(100 * i), static_cast<int>(random.below(3)),
                           ids ? "id" + std::to_string(i) : "");
    worked.base.push_back(draft);
    Label after = draft;
    const auto done = random.below(5);
    if (done == 1) after.category = (after.category + 1) % 3;
    if (done == 2) after.box = Box{draft.box->x1 + 4, 2, draft.box->x2 + 4, 22};
    if (done == 3) worked.after.push_back(box(static_cast<float>(100 * i + 50)));
    if (done != 4) worked.after.push_back(after);
  }
  return worked;
}

TEST(MergeTest, NothingIsLostWhenOneSideDidNothing) {
  Random random(7);
  for (int repeat = 0; repeat < 300; ++repeat) {
    const auto [base, x] = worked(random, repeat % 2 == 0);
    for (const Winner winner : {Winner::kOurs, Winner::kTheirs}) {
      EXPECT_EQ(merge(base, base, x, kLikeness, winner).labels, x);
      EXPECT_EQ(sorted(merge(base, x, base, kLikeness, winner).labels), sorted(x));
      EXPECT_EQ(merge(base, x, x, kLikeness, winner).labels, x);
      EXPECT_TRUE(merge(base, x, x, kLikeness, winner).conflicts.empty());
      EXPECT_EQ(merge({}, x, x, kLikeness, winner).labels, x) << "blind";
    }
  }
}

TEST(MergeTest, OursNeverMovesButForConflictsThatTheyWin) {
  Random random(8);
  for (int repeat = 0; repeat < 300; ++repeat) {
    const auto [base, ours] = worked(random, true);
    Labels theirs = base;
    if (!theirs.empty()) theirs[random.below(theirs.size())].category = 4;
    const auto result = merge(base, theirs, ours, kLikeness);
    for (const Label& label : ours) {
      const bool draft = std::find(base.begin(), base.end(), label) != base.end();
      if (draft) continue;
      EXPECT_EQ(std::count(result.labels.begin(), result.labels.end(), label), 1);
    }
  }
}

TEST(VoteTest, MoreThanHalfDecideEachObject) {
  const Labels base = {box(0), box(100)};
  const auto voted =
      vote(base, {{box(0, 1), box(100)}, {box(0, 1), box(200)}, {box(0), box(200), box(300)}},
           kLikeness);
  EXPECT_EQ(voted.labels, (Labels{box(0, 1), box(200)}));
  EXPECT_TRUE(voted.conflicts.empty());
}

TEST(VoteTest, ATieIsAConflictAndTheLastIsFollowed) {
  const auto tie = vote({of_class(0)}, {{of_class(0)}, {of_class(1)}}, kLikeness);
  EXPECT_EQ(tie.labels, Labels{of_class(1)});
  ASSERT_EQ(tie.conflicts.size(), 1u);
  EXPECT_EQ(tie.conflicts[0].theirs, of_class(0));
  EXPECT_EQ(vote({}, {{box(0)}, {}}, kLikeness).conflicts.size(), 1u);
  EXPECT_EQ(vote({of_class(0)}, {{of_class(0)}, {of_class(1)}, {of_class(2)}}, kLikeness)
                .conflicts.size(),
            1u);
}

TEST(VoteTest, BoxesThatPeopleDrewALittleDifferentlyAreOneVote) {
  const auto voted = vote({}, {{box(0)}, {box(1)}, {box(2)}}, kLikeness);
  EXPECT_EQ(voted.labels, Labels{box(2)});
  EXPECT_TRUE(voted.conflicts.empty());
}

TEST(DifferencesTest, EachObjectOfWhichTwoSayDifferentThings) {
  EXPECT_TRUE(differences({box(0), box(50)}, {box(51), box(1)}, kLikeness).empty());
  const auto found = differences({box(0), box(50)}, {box(0, 1)}, kLikeness);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], (ObjectConflict{{}, box(0), box(0, 1)}));
  EXPECT_EQ(found[1], (ObjectConflict{{}, box(50), {}}));
}

}  // namespace
}  // namespace preannotate
