#include "preannotate/review/object_changes.h"

#include <gtest/gtest.h>

namespace preannotate {
namespace {

using Pairs = std::vector<ObjectPair>;

constexpr Likeness kLikeness{};

Label box(float x, float side, int category = 0, std::string id = "") {
  return {category, {}, Box{x, 0, x + side, side}, std::move(id)};
}

Label of_class(int category, std::string id = "") {
  return {category, {}, {}, std::move(id)};
}

TEST(ObjectChangesTest, ABoxThatKeepsItsIdIsTheSameObjectWhereverItLies) {
  EXPECT_EQ(paired_objects({box(0, 10, 0, "a"), box(50, 10, 0, "b")},
                           {box(50, 10, 0, "a"), box(0, 10, 1, "b")}, kLikeness),
            (Pairs{{0, 0}, {1, 1}}));
}

TEST(ObjectChangesTest, TwoClassesOfOneRegionAreTwoObjectsThoughTheirIdIsOne) {
  EXPECT_EQ(
      paired_objects({box(0, 10, 1, "a")}, {box(0, 10, 0, "a"), box(0, 10, 1, "a")}, kLikeness),
      (Pairs{{0, 1}, {-1, 0}}));
}

TEST(ObjectChangesTest, WithoutIdsTheSameClassComesFirstThenTheLargestOverlap) {
  // The box of another class lies on it exactly; that of its own overlaps by 8 / 12.
  EXPECT_EQ(paired_objects({box(0, 10, 0)}, {box(0, 10, 1), box(2, 10, 0)}, kLikeness),
            (Pairs{{0, 1}, {-1, 0}}));
  EXPECT_EQ(paired_objects({box(0, 10), box(2, 10)}, {box(2, 10), box(0, 10)}, kLikeness),
            (Pairs{{0, 1}, {1, 0}}));
  EXPECT_EQ(paired_objects({box(0, 10, 0)}, {box(1, 10, 1)}, kLikeness), (Pairs{{0, 0}}));
}

TEST(ObjectChangesTest, IouEqualToTheLimitIsTheSameObject) {
  const Label half{0, {}, Box{0, 0, 10, 5}, ""};
  EXPECT_EQ(paired_objects({box(0, 10)}, {half}, kLikeness), (Pairs{{0, 0}}));
  const Label less{0, {}, Box{0, 0, 10, 4.9f}, ""};
  EXPECT_EQ(paired_objects({box(0, 10)}, {less}, kLikeness), (Pairs{{0, -1}, {-1, 0}}));
}

TEST(ObjectChangesTest, ImageLevelClassesAreTheirOwnObjectsWhateverTheirIds) {
  // As Label Studio gives a choice of two after one was taken away: the first id stays.
  EXPECT_EQ(paired_objects({of_class(0, "a"), of_class(1, "b")}, {of_class(1, "a")}, kLikeness),
            (Pairs{{0, -1}, {1, 0}}));
}

TEST(ObjectChangesTest, TheOnlyClassThatIsLeftWasRelabelled) {
  EXPECT_EQ(paired_objects({of_class(0, "a")}, {of_class(2, "x")}, kLikeness), (Pairs{{0, 0}}));
  EXPECT_EQ(paired_objects({of_class(0)}, {of_class(1), of_class(2)}, kLikeness),
            (Pairs{{0, -1}, {-1, 0}, {-1, 1}}));
  EXPECT_EQ(paired_objects({of_class(0)}, {box(0, 10, 0)}, kLikeness), (Pairs{{0, -1}, {-1, 0}}));
}

TEST(ObjectChangesTest, RoundingIsNoMove) {
  EXPECT_FALSE(was_moved(box(10, 50), box(11, 50), kLikeness));
  EXPECT_TRUE(was_moved(box(10, 50), box(11.1f, 50), kLikeness));
  EXPECT_FALSE(was_moved(box(10, 1000), box(15, 1000), kLikeness));
  EXPECT_TRUE(was_moved(box(10, 1000), box(15.1f, 1000), kLikeness));
}

TEST(ObjectChangesTest, AnOutlineThatIsNewIsAMoveALostOneIsNot) {
  Label outlined = box(0, 10);
  outlined.segmentation = "[[0,0,10,0,10,10]]";
  EXPECT_TRUE(was_moved(box(0, 10), outlined, kLikeness));
  EXPECT_FALSE(was_moved(outlined, box(0, 10), kLikeness));
}

TEST(ObjectChangesTest, PeopleAgreeOnABoxFromTheirIouOn) {
  const Label seven{0, {}, Box{0, 0, 10, 7}, ""}, less{0, {}, Box{0, 0, 10, 6.9f}, ""};
  EXPECT_TRUE(agree(box(0, 10), seven, kLikeness));
  EXPECT_FALSE(agree(box(0, 10), less, kLikeness));
  EXPECT_FALSE(agree(box(0, 10, 0), box(0, 10, 1), kLikeness));
}

TEST(ObjectChangesTest, TheSameObjectsMayStandInAnotherOrder) {
  EXPECT_TRUE(same_objects({box(0, 10), box(30, 10)}, {box(30, 10), box(0, 10)}, kLikeness));
  EXPECT_FALSE(same_objects({box(0, 10)}, {box(0, 10), box(30, 10)}, kLikeness));
  EXPECT_TRUE(same_objects({}, {}, kLikeness));
}

}  // namespace
}  // namespace preannotate
