#include "preannotate/model/fine_tune_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/core/error.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

using testing_support::test_folder;
using testing_support::TinyBackbone;

/// A bright square on dark ground, and where it is.
FrameBatch squares(int step) {
  FrameBatch batch;
  batch.pixels = torch::full({2, 3, 64, 64}, -1.0f).contiguous(at::MemoryFormat::ChannelsLast);
  for (int i = 0; i < 2; ++i) {
    const int x = 8 * ((step + i) % 4), y = 8 * ((step / 2 + i) % 4);
    batch.pixels[i].slice(1, y, y + 24).slice(2, x, x + 24).fill_(1.0f);
    const auto left = static_cast<float>(x), top = static_cast<float>(y);
    batch.truth.push_back(
        {.boxes = {{left, top, left + 24, top + 24}}, .categories = {0}, .ignored = {}});
  }
  return batch;
}

class FineTuneDetector : public testing::Test {
 protected:
  Backbone backbone(const TinyBackbone& tiny = {}) const {
    const auto path = test_folder() / "tiny.pt";
    testing_support::write_tiny_backbone(path, tiny);
    BackboneOptions options;
    options.path = path;
    options.trust = true;
    return Backbone(options);
  }

  static Detector detector() {
    return {{.strides = {8, 16}, .map_channels = {8, 12}, .channels = 16, .classes = 1}, 24, 24, 3};
  }

  DetectorTuneResult tune(const Backbone& network, int stages, int steps = 30) {
    DetectorTuneOptions options;
    options.stages = stages;
    options.steps = steps;
    return fine_tune_detector(network, detector(), squares, options,
                              [&](double loss) { losses_.push_back(loss); });
  }

  std::vector<double> losses_;
};

TEST_F(FineTuneDetector, TheLossFallsAndTheStageMoves) {
  const auto tuned = tune(backbone(), 1);
  ASSERT_EQ(losses_.size(), 30u);
  EXPECT_LT(losses_.back(), 0.8 * losses_.front());
  ASSERT_EQ(tuned.changes.size(), 1u);
  EXPECT_GT(tuned.changes[0].relative_change, 0);
}

TEST_F(FineTuneDetector, AStageThatFeedsNoMapOfTheHeadDoesNotCount) {
  // The network's last stage makes its stride-32 map, which this detector does not read.
  const auto tuned = tune(backbone(), 1, 2);
  ASSERT_EQ(tuned.changes.size(), 1u);
  EXPECT_EQ(tuned.changes[0].stage, "body");
}

TEST_F(FineTuneDetector, MoreStagesThanFeedTheMapsAreRefused) {
  try {
    tune(backbone(), 3, 1);
    FAIL() << "nothing was refused";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kUsageError);
    EXPECT_THAT(error.what(), testing::HasSubstr("--unfreeze 3"));
  }
}

TEST_F(FineTuneDetector, TheFileIsABackboneWithTheNewWeights) {
  const Backbone before = backbone();
  const auto tuned = tune(before, 2, 5);
  BackboneOptions options;
  options.path = "tuned.pt";
  options.bytes = tuned.backbone_bytes;
  options.trust = true;
  const Backbone after(options);
  const auto pixels = torch::randint(0, 256, {1, 32, 32, 3}, torch::kUInt8);
  EXPECT_FALSE(torch::equal(before.maps(pixels)[0], after.maps(pixels)[0]));
  EXPECT_EQ(after.info().stages, before.info().stages);
}

}  // namespace
}  // namespace preannotate
