#include "pipeline/detector_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/core/error.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace testing_support;

class DetectorPlanTest : public testing::Test {
 protected:
  Backbone backbone(const TinyBackbone& tiny = {}) const {
    const auto path = folder_ / "tiny.pt";
    write_tiny_backbone(path, tiny);
    BackboneOptions options;
    options.path = path;
    options.trust = true;
    return Backbone(options);
  }
  DetectorPlan plan(const Dataset& seed, const PlanOptions& options = {}) const {
    return plan_detector(seed, backbone(), options);
  }
  std::string refused(const Dataset& seed, const Backbone& backbone, const PlanOptions& options,
                      ExitCode code) const {
    try {
      plan_detector(seed, backbone, options);
      return "nothing was thrown";
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), code);
      return error.what();
    }
  }
  std::filesystem::path folder_ = test_folder();
};

/// Ten images of one size, each with a box of one size.
Dataset seed_of(int width, int height, float box_width, float box_height) {
  Dataset seed;
  seed.categories = {"a", "b"};
  for (int i = 0; i < 10; ++i) {
    Sample sample;
    sample.image = std::to_string(i) + ".jpg";
    sample.width = width;
    sample.height = height;
    sample.labels = {{i % 2, std::nullopt, Box{5, 5, 5 + box_width, 5 + box_height}, ""}};
    seed.samples.push_back(sample);
  }
  return seed;
}

TEST_F(DetectorPlanTest, TheFrameHasTheShapeThatImagesShare) {
  auto seed = seed_of(640, 480, 60, 60);
  EXPECT_EQ(plan(seed).view.frame, (FrameSize{512, 384}));
  EXPECT_EQ(plan(seed_of(480, 640, 60, 60)).view.frame, (FrameSize{384, 512}));
  seed.samples[0].width = 300;  // one of ten may differ
  EXPECT_EQ(plan(seed).view.frame, (FrameSize{512, 384}));
  for (size_t i = 0; i < 5; ++i) std::swap(seed.samples[i].width, seed.samples[i].height);
  const auto mixed = plan(seed).view.frame;
  EXPECT_EQ(mixed.width, mixed.height);
}

TEST_F(DetectorPlanTest, TheFrameIsLargerForTinyBoxesAndSmallerForLargeOnes) {
  const auto long_side = [&](float box) {
    return plan(seed_of(1024, 1024, box, box)).view.frame.width;
  };
  const int usual = long_side(100), tiny = long_side(12), large = long_side(600);
  EXPECT_GT(tiny, usual);
  EXPECT_LT(large, usual);
  EXPECT_EQ(long_side(3), 1280);
  EXPECT_EQ(long_side(12) % 32, 0);
}

TEST_F(DetectorPlanTest, ImgszIsTheLongSide) {
  PlanOptions options;
  options.imgsz = 256;
  EXPECT_EQ(plan(seed_of(640, 480, 60, 60), options).view.frame, (FrameSize{256, 192}));
  // The short side is at least one cell of the coarsest map.
  EXPECT_EQ(plan(seed_of(1000, 20, 10, 10), options).view.frame, (FrameSize{256, 32}));
}

TEST_F(DetectorPlanTest, LevelsFollowTheSizesOfBoxes) {
  PlanOptions options;
  options.imgsz = 512;
  const auto strides = [&](float box) {
    return plan(seed_of(512, 512, box, box), options).shape.strides;
  };
  EXPECT_THAT(strides(30), ElementsAre(8, 16));
  EXPECT_THAT(strides(300), ElementsAre(16, 32));
  const auto tiny = plan(seed_of(512, 512, 6, 6), options).shape;
  EXPECT_THAT(tiny.strides, ElementsAre(4, 8, 16));
  EXPECT_THAT(tiny.map_channels, ElementsAre(0, 8, 12));
  auto both = seed_of(512, 512, 30, 30);
  for (size_t i = 0; i < 5; ++i) both.samples[i].labels[0].box = Box{0, 0, 300, 300};
  EXPECT_THAT(plan(both, options).shape.strides, ElementsAre(8, 16, 32));
  EXPECT_EQ(tiny.classes, 2);
}

TEST_F(DetectorPlanTest, TheTypicalBoxIsTheMedianOnTheFrame) {
  PlanOptions options;
  options.imgsz = 256;
  const auto found = plan(seed_of(512, 512, 60, 30), options);
  EXPECT_NEAR(found.typical_width, 30, 1e-3);
  EXPECT_NEAR(found.typical_height, 15, 1e-3);
}

TEST_F(DetectorPlanTest, ObjectsTurnWhereNoDirectionStandsOut) {
  const auto square = plan(seed_of(640, 480, 50, 50)).policy;
  EXPECT_TRUE(square.quarter_turns);
  EXPECT_TRUE(square.flip_y);
  const auto tall = plan(seed_of(640, 480, 30, 80)).policy;
  EXPECT_FALSE(tall.quarter_turns);
  EXPECT_FALSE(tall.flip_y);
}

TEST_F(DetectorPlanTest, CrowdsDecideNothing) {
  const auto seed = seed_of(640, 480, 50, 50);
  auto crowded = seed;
  for (auto& sample : crowded.samples) {
    sample.labels.push_back({0, std::nullopt, Box{0, 0, 640, 4}, "", true});
  }
  const auto a = plan(seed), b = plan(crowded);
  EXPECT_EQ(a.view.frame, b.view.frame);
  EXPECT_EQ(a.shape, b.shape);
  EXPECT_EQ(a.policy.quarter_turns, b.policy.quarter_turns);
}

TEST_F(DetectorPlanTest, TilesAreSquareFramesAtTheirOwnScale) {
  PlanOptions options;
  options.tile = 256;
  const auto found = plan(seed_of(4000, 3000, 20, 20), options);
  EXPECT_EQ(found.view.frame.width, found.view.frame.height);
  EXPECT_DOUBLE_EQ(found.view.tile_scale, found.view.frame.width / 256.0);
  EXPECT_NEAR(found.typical_width, 20 * found.view.tile_scale, 1e-3);
  options.imgsz = 128;
  EXPECT_EQ(plan(seed_of(4000, 3000, 20, 20), options).view.tile_scale, 0.5);
  EXPECT_EQ(plan(seed_of(4000, 3000, 20, 20)).view.tile_scale, 0);
}

TEST_F(DetectorPlanTest, AugmentSaysHowManyViews) {
  PlanOptions options;
  std::vector<int> views;
  for (const char* name : {"none", "light", "strong"}) {
    options.augment = name;
    views.push_back(plan(seed_of(640, 480, 50, 50), options).policy.views);
  }
  EXPECT_EQ(views[0], 1);
  EXPECT_LT(views[0], views[1]);
  EXPECT_LT(views[1], views[2]);
  options.augment = "heavy";
  EXPECT_THAT(refused(seed_of(640, 480, 50, 50), backbone(), options, kUsageError),
              HasSubstr("none, light, strong"));
}

TEST_F(DetectorPlanTest, WhatDoesNotFitIsRefused) {
  PlanOptions options;
  options.imgsz = 500;
  EXPECT_THAT(refused(seed_of(640, 480, 50, 50), backbone(), options, kUsageError),
              AllOf(HasSubstr("--imgsz 500"), HasSubstr("multiple of 32"), HasSubstr("512")));
  EXPECT_THAT(refused(seed_of(640, 480, 50, 50), backbone({.tuple = false}), {}, kBadModel),
              HasSubstr("spatial map"));
}

}  // namespace
}  // namespace preannotate
