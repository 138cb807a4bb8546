#include "preannotate/quality/class_actions.h"

#include <gtest/gtest.h>

namespace preannotate {
namespace {

TEST(ClassActions, TakeTheSecondsOfEach) {
  const ClassCost cost{.verify = 1,
                       .fix = 10,
                       .grid = 100,
                       .click = 1000,
                       .load = 10000,
                       .choose_base = 1e5,
                       .choose_doubling = 1e6};
  ClassActions did;
  did.verified = 2;
  did.fixed = 3;
  did.looked = 4;
  did.clicked = 5;
  did.pages = 6;
  did.chosen = 7;
  EXPECT_DOUBLE_EQ(did.seconds(cost, 4), 2 + 30 + 400 + 5000 + 60000 + 7 * 2.1e6);
  EXPECT_EQ(did.one_by_one(), 2 + 5 + 7);
}

}  // namespace
}  // namespace preannotate
