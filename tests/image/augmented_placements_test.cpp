#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "preannotate/image/placement.h"

namespace preannotate {
namespace {

constexpr FrameSize kFrames[] = {{96, 96}, {512, 384}, {384, 512}};
constexpr std::pair<int, int> kImages[] = {{640, 480}, {480, 640}, {1280, 300}, {50, 50}};

bool same(const Placement& a, const Placement& b) {
  return a.x == b.x && a.y == b.y && a.scale == b.scale && a.flip_x == b.flip_x &&
         a.flip_y == b.flip_y && a.quarter_turns == b.quarter_turns &&
         a.brightness == b.brightness && a.contrast == b.contrast && a.saturation == b.saturation;
}

bool all_same(const std::vector<Placement>& a, const std::vector<Placement>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

/// The scale at which the whole image just fits, turned as the view is.
double fitting_scale(int width, int height, FrameSize frame, const Placement& view) {
  if (view.quarter_turns % 2 == 1) std::swap(frame.width, frame.height);
  return letterbox(width, height, frame).scale;
}

template <class Check>
void for_each_view(const AugmentPolicy& policy, const std::vector<Box>& boxes, Check check) {
  for (const auto frame : kFrames) {
    for (const auto& [width, height] : kImages) {
      for (const auto& view : augmented_placements(width, height, frame, policy, boxes, 3)) {
        check(width, height, frame, view);
      }
    }
  }
}

TEST(AugmentedPlacements, TheFirstIsThePlainLetterbox) {
  for (const auto frame : kFrames) {
    const auto views = augmented_placements(640, 480, frame, {}, {{10, 10, 50, 50}}, 1);
    ASSERT_EQ(views.size(), 6u);
    EXPECT_TRUE(same(views[0], letterbox(640, 480, frame)));
    EXPECT_FALSE(same(views[1], views[0]));
  }
  EXPECT_EQ(augmented_placements(640, 480, {96, 96}, {.views = 1}, {}, 1).size(), 1u);
}

TEST(AugmentedPlacements, AreTheSameForTheSameSeedOnly) {
  const std::vector<Box> boxes{{10, 10, 50, 50}, {300, 200, 320, 230}};
  const auto once = augmented_placements(640, 480, {512, 384}, {}, boxes, 8);
  EXPECT_TRUE(all_same(once, augmented_placements(640, 480, {512, 384}, {}, boxes, 8)));
  EXPECT_FALSE(all_same(once, augmented_placements(640, 480, {512, 384}, {}, boxes, 9)));
}

TEST(AugmentedPlacements, MoreViewsBeginWithTheSame) {
  const auto few = augmented_placements(640, 480, {512, 384}, {.views = 4}, {}, 8);
  auto many = augmented_placements(640, 480, {512, 384}, {.views = 9}, {}, 8);
  ASSERT_EQ(many.size(), 9u);
  many.resize(4);
  EXPECT_TRUE(all_same(few, many));
}

TEST(AugmentedPlacements, ScaleAndLightStayInThePolicysRangeAndFillIt) {
  const AugmentPolicy policy{.views = 200, .smallest = 0.5, .largest = 2, .light = 0.3};
  double least = 9, most = 0, dimmest = 9, brightest = 0;
  for_each_view(policy, {}, [&](int width, int height, FrameSize frame, const Placement& view) {
    const double zoom = view.scale / fitting_scale(width, height, frame, view);
    least = std::min(least, zoom), most = std::max(most, zoom);
    for (const double factor : {view.brightness, view.contrast, view.saturation}) {
      dimmest = std::min(dimmest, factor), brightest = std::max(brightest, factor);
    }
  });
  EXPECT_GE(least, 0.5 - 1e-9);
  EXPECT_LE(most, 2 + 1e-9);
  EXPECT_LT(least, 0.52);
  EXPECT_GT(most, 1.9);
  EXPECT_GE(dimmest, 0.7);
  EXPECT_LE(brightest, 1.3);
  EXPECT_LT(dimmest, 0.71);
  EXPECT_GT(brightest, 1.29);
}

TEST(AugmentedPlacements, HalfTheZoomsLieBelowTheGeometricMiddle) {
  const AugmentPolicy policy{.views = 2000, .smallest = 0.25, .largest = 4};
  const auto views = augmented_placements(96, 96, {96, 96}, policy, {}, 4);
  const auto smaller = std::count_if(views.begin() + 1, views.end(),
                                     [](const Placement& view) { return view.scale < 1; });
  EXPECT_NEAR(smaller, 1000, 100);
}

TEST(AugmentedPlacements, AViewShowsTheWholeImageOrNothingButTheImage) {
  const AugmentPolicy policy{.views = 100, .flip_y = true, .quarter_turns = true};
  for_each_view(policy, {}, [](int width, int height, FrameSize frame, const Placement& view) {
    const Box all{0, 0, float(frame.width), float(frame.height)};
    const auto seen = from_frame(all, view, frame);
    constexpr float kSlack = 1e-2f;
    const auto nested = [&](float begin, float end, int length) {
      return (begin >= -kSlack && end <= length + kSlack) ||
             (begin <= kSlack && end >= length - kSlack);
    };
    EXPECT_TRUE(nested(seen.x1, seen.x2, width)) << seen.x1 << " " << seen.x2 << " " << width;
    EXPECT_TRUE(nested(seen.y1, seen.y2, height)) << seen.y1 << " " << seen.y2 << " " << height;
  });
}

TEST(AugmentedPlacements, AnImageWanders) {
  const AugmentPolicy policy{.views = 200, .smallest = 0.5, .largest = 0.5, .flip_x = false};
  float left = 96, right = 0;
  for (const auto& view : augmented_placements(96, 96, {96, 96}, policy, {}, 2)) {
    if (view.scale == 1) continue;  // the plain one
    const auto place = to_frame({0, 0, 96, 96}, view, {96, 96});
    left = std::min(left, place.x1), right = std::max(right, place.x2);
  }
  EXPECT_LT(left, 2);
  EXPECT_GT(right, 94);
}

/// The part of `box` that is in the image lies in the view whole.
bool holds(const Placement& view, FrameSize frame, const Box& box, int width, int height) {
  const Box part{std::clamp(box.x1, 0.0f, float(width)), std::clamp(box.y1, 0.0f, float(height)),
                 std::clamp(box.x2, 0.0f, float(width)), std::clamp(box.y2, 0.0f, float(height))};
  const auto place = to_frame(part, view, frame);
  constexpr float kSlack = 1e-2f;
  return place.x1 >= -kSlack && place.y1 >= -kSlack && place.x2 <= frame.width + kSlack &&
         place.y2 <= frame.height + kSlack;
}

TEST(AugmentedPlacements, EveryViewHoldsAWholeBox) {
  const AugmentPolicy policy{
      .views = 100, .smallest = 0.65, .largest = 6, .flip_y = true, .quarter_turns = true};
  for (const std::vector<Box>& boxes : {std::vector<Box>{{2, 2, 40, 12}},
                                        {{30, 35, 50, 50}, {0, 0, 3, 3}},
                                        {{-5, -5, 49, 49}, {40, 40, 44, 44}},
                                        {{0, 0, 2000, 2000}}}) {
    int zoomed = 0;
    for_each_view(policy, boxes,
                  [&](int width, int height, FrameSize frame, const Placement& view) {
                    EXPECT_TRUE(std::any_of(boxes.begin(), boxes.end(), [&](const Box& box) {
                      return holds(view, frame, box, width, height);
                    }));
                    zoomed += view.scale > 2 * fitting_scale(width, height, frame, view);
                  });
    EXPECT_EQ(zoomed > 300, boxes[0].x2 < 2000);
  }
}

TEST(AugmentedPlacements, EveryBoxHasItsTurn) {
  const std::vector<Box> boxes{{10, 10, 40, 40}, {300, 200, 330, 230}, {600, 440, 630, 470}};
  const AugmentPolicy policy{.views = 60, .smallest = 4, .largest = 6};
  int held[3] = {0, 0, 0};
  for (const auto& view : augmented_placements(640, 480, {512, 384}, policy, boxes, 1)) {
    for (int i = 0; i < 3; ++i) held[i] += holds(view, {512, 384}, boxes[i], 640, 480);
  }
  for (const int count : held) EXPECT_GT(count, 10);
}

TEST(AugmentedPlacements, ABoxWithoutAreaIsNoHindrance) {
  const std::vector<Box> boxes{{30, 30, 30, 30}, {9000, 9000, 9100, 9100}};
  for_each_view({.views = 50}, boxes, [](int, int, FrameSize, const Placement& view) {
    EXPECT_TRUE(std::isfinite(view.x) && std::isfinite(view.y) && view.scale > 0);
  });
}

TEST(AugmentedPlacements, OnlyWhatIsAllowedHappens) {
  const auto count = [](const AugmentPolicy& policy, auto property) {
    const auto views = augmented_placements(640, 480, {512, 384}, policy, {}, 7);
    return std::count_if(views.begin(), views.end(), property);
  };
  const auto across = [](const Placement& view) { return view.flip_x; };
  const auto down = [](const Placement& view) { return view.flip_y; };
  const auto turned = [](const Placement& view) { return view.quarter_turns != 0; };
  AugmentPolicy policy{.views = 401};
  EXPECT_NEAR(count(policy, across), 200, 50);
  EXPECT_EQ(count(policy, down), 0);
  EXPECT_EQ(count(policy, turned), 0);
  policy.flip_y = policy.quarter_turns = true;
  EXPECT_NEAR(count(policy, down), 200, 50);
  EXPECT_NEAR(count(policy, turned), 300, 50);
  policy.flip_x = false;
  EXPECT_EQ(count(policy, across), 0);
}

}  // namespace
}  // namespace preannotate
