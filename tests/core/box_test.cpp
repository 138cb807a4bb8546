#include "preannotate/core/box.h"

#include <gtest/gtest.h>

namespace preannotate {
namespace {

TEST(Box, AreaOfAnEmptyOrInvertedBoxIsZero) {
  EXPECT_EQ((Box{1, 2, 4, 6}).area(), 12);
  EXPECT_EQ((Box{1, 2, 1, 6}).area(), 0);
  EXPECT_EQ((Box{4, 6, 1, 2}).area(), 0);
}

TEST(Iou, IsTheSharedPartOfTheUnion) {
  const Box box{0, 0, 10, 10};
  EXPECT_EQ(iou(box, box), 1);
  EXPECT_EQ(iou(box, {0, 0, 10, 5}), 0.5f);
  EXPECT_EQ(iou(box, {5, 5, 15, 15}), 25.0f / 175.0f);
  EXPECT_EQ(iou(box, {2, 3, 4, 8}), 0.1f);  // one inside the other
}

TEST(Iou, DoesNotDependOnTheOrder) {
  const Box a{0.5f, -3, 7.25f, 4}, b{2, 1, 30, 2.5f};
  EXPECT_EQ(iou(a, b), iou(b, a));
}

TEST(Iou, IsZeroForBoxesThatOnlyTouch) {
  const Box box{0, 0, 10, 10};
  EXPECT_EQ(iou(box, {10, 0, 20, 10}), 0);
  EXPECT_EQ(iou(box, {20, 20, 30, 30}), 0);
}

TEST(Iou, IsZeroWithAnEmptyBox) {
  EXPECT_EQ(iou({0, 0, 10, 10}, {5, 5, 5, 5}), 0);
  EXPECT_EQ(iou({5, 5, 5, 5}, {5, 5, 5, 5}), 0);
  EXPECT_EQ(iou({5, 5, 0, 0}, {5, 5, 0, 0}), 0);
}

}  // namespace
}  // namespace preannotate
