#include "preannotate/model/detect.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "ops/devices.h"
#include "preannotate/model/detector_run.h"

namespace preannotate {
namespace {

constexpr int kStride = 8, kChannels = 16, kClasses = 3;
// Added to what a map says, so that SiLU lets it through; taken off again by the biases.
constexpr float kThrough = 30;

/// A detector that says what its map says: channels 0 to 2 are the logits, 4 to 7 the logarithms of
/// the distances.
Detector transparent() {
  const DetectorShape shape{.strides = {kStride},
                            .map_channels = {kChannels},
                            .channels = kChannels,
                            .classes = kClasses};
  auto weights = Detector(shape, 16, 16, 1).weights();
  for (auto& [name, weight] : weights) {
    weight = weight.detach().clone();
    if (name.ends_with(".depthwise")) {
      weight.zero_();
      weight[12].fill_(1);
    } else if (name.ends_with(".pointwise")) {
      weight.copy_(torch::eye(kChannels));
    } else if (name.ends_with(".running_var")) {
      weight.fill_(1 - 1e-3);  // BatchNorm adds 1e-3
    } else if (name == "logits.weight") {
      weight.copy_(torch::eye(kClasses, kChannels));
    } else if (name == "distances.weight") {
      weight.copy_(torch::eye(kChannels).slice(0, 4, 8));
    } else if (name == "logits.bias" || name == "distances.bias") {
      weight.fill_(-kThrough);
    }
  }
  return Detector(shape, weights, "test");
}

/// One view of a frame, empty at first.
class ViewMap {
 public:
  explicit ViewMap(FrameSize frame)
      : map_(torch::zeros({1, frame.height / kStride, frame.width / kStride, kChannels})) {}

  /// The cell at the centre of `box` (frame pixels) predicts it.
  void predict(const Box& box, int category, double score) {
    const int x = static_cast<int>((box.x1 + box.x2) / 2 / kStride);
    const int y = static_cast<int>((box.y1 + box.y2) / 2 / kStride);
    predict_at(x, y, box, category, score);
  }
  void predict_at(int x, int y, const Box& box, int category, double score) {
    const float centre_x = (static_cast<float>(x) + 0.5f) * kStride;
    const float centre_y = (static_cast<float>(y) + 0.5f) * kStride;
    const float distances[] = {centre_x - box.x1, centre_y - box.y1, box.x2 - centre_x,
                               box.y2 - centre_y};
    auto cell = map_[0][y][x];
    cell[category] = kThrough + std::log(score / (1 - score));
    for (int side = 0; side < 4; ++side) {
      cell[4 + side] = kThrough + std::log(distances[side] / kStride);
    }
  }
  const torch::Tensor& map() const { return map_; }

 private:
  torch::Tensor map_;
};

constexpr FrameSize kFrame{64, 64};

std::vector<DraftBox> detect_whole(const ViewMap& view, const DetectOptions& options = {},
                                   int width = 64, int height = 64) {
  return detect(transparent(), {view.map()}, {letterbox(width, height, kFrame)}, kFrame, width,
                height, options);
}

void expect_box(const DraftBox& draft, const Box& box, int category, double score) {
  const double off = std::max({std::abs(draft.box.x1 - box.x1), std::abs(draft.box.y1 - box.y1),
                               std::abs(draft.box.x2 - box.x2), std::abs(draft.box.y2 - box.y2)});
  EXPECT_LT(off, 0.05) << draft.box.x1 << " " << draft.box.y1 << " " << draft.box.x2 << " "
                       << draft.box.y2;
  EXPECT_EQ(draft.category, category);
  EXPECT_NEAR(draft.score, score, 1e-3);
}

TEST(Detect, AnEmptyViewGivesNoBoxes) {
  EXPECT_TRUE(detect_whole(ViewMap(kFrame)).empty());
}

TEST(Detect, BoxesComeBackInImagePixelsBestFirst) {
  ViewMap view(kFrame);
  view.predict({8, 20, 24, 40}, 1, 0.6);
  view.predict({30, 25, 60, 45}, 2, 0.9);
  // 128 x 64 on 64 x 64: half size, 16 px of grey above and below.
  const auto boxes = detect_whole(view, {}, 128, 64);
  ASSERT_EQ(boxes.size(), 2u);
  expect_box(boxes[0], {60, 18, 120, 58}, 2, 0.9);
  expect_box(boxes[1], {16, 8, 48, 48}, 1, 0.6);
}

TEST(Detect, OfOverlappingBoxesOfAClassTheBestStays) {
  ViewMap view(kFrame);
  view.predict_at(3, 3, {10, 10, 50, 50}, 0, 0.7);
  view.predict_at(4, 3, {11, 10, 51, 50}, 0, 0.8);
  view.predict_at(3, 4, {10, 12, 50, 52}, 1, 0.6);
  const auto boxes = detect_whole(view, {.sigma = 0});
  ASSERT_EQ(boxes.size(), 2u);
  expect_box(boxes[0], {11, 10, 51, 50}, 0, 0.8);
  expect_box(boxes[1], {10, 12, 50, 52}, 1, 0.6);
  EXPECT_EQ(detect_whole(view, {.sigma = 0, .iou = 0.99}).size(), 3u);
}

TEST(Detect, SoftSuppressionLowersTheScoresOfWhatOverlaps) {
  ViewMap view(kFrame);
  view.predict_at(3, 3, {10, 10, 50, 50}, 0, 0.7);
  view.predict_at(4, 3, {11, 10, 51, 50}, 0, 0.8);
  view.predict_at(3, 4, {10, 12, 50, 52}, 1, 0.6);
  const auto boxes = detect_whole(view, {.sigma = 0.5});
  ASSERT_EQ(boxes.size(), 3u);
  expect_box(boxes[0], {11, 10, 51, 50}, 0, 0.8);
  expect_box(boxes[1], {10, 12, 50, 52}, 1, 0.6);
  const double overlap = 39.0 / 41;
  expect_box(boxes[2], {10, 10, 50, 50}, 0, 0.7 * std::exp(-overlap * overlap / 0.5));
  EXPECT_EQ(detect_whole(view, {.floor = 0.2, .sigma = 0.5}).size(), 2u);
}

TEST(Detect, ScoresBelowTheFloorAreNoDrafts) {
  ViewMap view(kFrame);
  view.predict({8, 8, 24, 24}, 0, 0.3);
  view.predict({40, 40, 56, 56}, 0, 0.2);
  EXPECT_EQ(detect_whole(view, {.floor = 0.25}).size(), 1u);
  EXPECT_EQ(detect_whole(view, {.floor = 0.35}).size(), 0u);
}

TEST(Detect, AtMostMaxDetBoxesTheBestOnes) {
  ViewMap view(kFrame);
  for (int i = 0; i < 8; ++i) {
    const auto at = static_cast<float>(8 * i);
    view.predict({at + 1, at + 1, at + 7, at + 7}, i % kClasses, 0.1 + 0.1 * i);
  }
  const auto boxes = detect_whole(view, {.max_det = 3});
  ASSERT_EQ(boxes.size(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(boxes[static_cast<size_t>(i)].score, 0.8 - 0.1 * i, 1e-3);
}

TEST(Detect, BoxesAreClippedToTheImageAndThoseOutsideItLeftOut) {
  ViewMap view(kFrame);
  view.predict({-10, 10, 30, 30}, 0, 0.9);  // above it is grey: the image begins at y = 16
  view.predict({40, 2, 60, 14}, 0, 0.8);
  const auto boxes = detect_whole(view, {}, 64, 32);
  ASSERT_EQ(boxes.size(), 1u);
  expect_box(boxes[0], {0, 0, 30, 14}, 0, 0.9);
}

/// The maps of several views, one after another.
std::vector<torch::Tensor> stacked(const std::vector<ViewMap>& views) {
  std::vector<torch::Tensor> maps;
  for (const auto& view : views) maps.push_back(view.map());
  return {torch::cat(maps, 0)};
}

TEST(Detect, AnObjectCutByABorderBetweenTilesIsOneBox) {
  const DetectorView view{.frame = kFrame, .tile_scale = 1, .tile_overlap = 0.25};
  const auto tiles = placements_of(112, 64, view);
  ASSERT_EQ(tiles.size(), 2u);  // at x = 0 and 48
  const Box object{30, 20, 90, 50};
  std::vector<ViewMap> views;
  for (int i = 0; i < 2; ++i) views.emplace_back(kFrame);
  views[0].predict({30, 20, 64, 50}, 1, 0.7);
  views[1].predict({0.1f, 20, 42, 50}, 1, 0.9);
  views[1].predict_at(3, 4, {0.1f, 20, 43, 50}, 1, 0.4);  // a second guess of the same
  const auto boxes = detect(transparent(), stacked(views), tiles, kFrame, 112, 64, {});
  ASSERT_EQ(boxes.size(), 1u);
  expect_box(boxes[0], object, 1, 0.9);
}

TEST(Detect, AnObjectThatTwoTilesSeeWholeIsOneBox) {
  const DetectorView view{.frame = kFrame, .tile_scale = 1, .tile_overlap = 0.25};
  std::vector<ViewMap> views;
  for (int i = 0; i < 2; ++i) views.emplace_back(kFrame);
  views[0].predict({52, 20, 60.5f, 30}, 0, 0.7);
  views[1].predict({4, 20, 12.5f, 30}, 0, 0.9);  // 48 px farther left
  views[1].predict({40, 40, 60, 60}, 2, 0.5);
  const auto boxes =
      detect(transparent(), stacked(views), placements_of(112, 64, view), kFrame, 112, 64, {});
  ASSERT_EQ(boxes.size(), 2u);
  expect_box(boxes[0], {52, 20, 60.5f, 30}, 0, 0.9);
  expect_box(boxes[1], {88, 40, 108, 60}, 2, 0.5);
}

TEST(Detect, AlikeViewsAreAveraged) {
  auto flipped = letterbox(64, 64, kFrame);
  flipped.flip_x = true;
  std::vector<ViewMap> views;
  for (int i = 0; i < 2; ++i) views.emplace_back(kFrame);
  views[0].predict({8, 10, 28, 30}, 1, 0.8);
  views[1].predict({36, 12, 56, 32}, 1, 0.8);  // the same object, 2 px lower
  views[1].predict({4, 44, 20, 60}, 2, 0.6);   // seen here only
  const auto boxes = detect(transparent(), stacked(views), {letterbox(64, 64, kFrame), flipped},
                            kFrame, 64, 64, {.alike_views = 2});
  ASSERT_EQ(boxes.size(), 2u);
  expect_box(boxes[0], {8, 11, 28, 31}, 1, 0.8);
  expect_box(boxes[1], {44, 44, 60, 60}, 2, 0.3);
}

TEST(Detect, AlikeBlocksOfTilesAreJoinedEachAndThenAveraged) {
  const DetectorView view{.frame = kFrame, .tile_scale = 1, .tile_overlap = 0.25};
  auto placements = placements_of(112, 64, view);
  for (size_t i = 0; i < 2; ++i) {
    placements.push_back(placements[i]);
    placements.back().flip_x = true;
  }
  std::vector<ViewMap> views;
  for (int i = 0; i < 4; ++i) views.emplace_back(kFrame);
  views[0].predict({30, 20, 64, 50}, 0, 0.7);
  views[1].predict({0.1f, 20, 42, 50}, 0, 0.7);
  views[2].predict({0.1f, 20, 34, 50}, 0, 0.9);
  views[3].predict({22, 20, 63.9f, 50}, 0, 0.9);
  const auto boxes =
      detect(transparent(), stacked(views), placements, kFrame, 112, 64, {.alike_views = 2});
  ASSERT_EQ(boxes.size(), 1u);
  expect_box(boxes[0], {30, 20, 90, 50}, 0, 0.8);
}

TEST(MapsFor, PicksByStrideAndLeavesOutWhatTheHeadDoesNotRead) {
  const DetectorShape shape{
      .strides = {4, 8, 16, 32}, .map_channels = {0, 5, 0, 7}, .channels = 16, .classes = 1};
  std::vector<torch::Tensor> maps;
  for (const int channels : {7, 6, 5}) maps.push_back(torch::zeros({1, 1, 1, channels}));
  const auto wanted = maps_for(shape, {32, 16, 8}, maps);
  ASSERT_EQ(wanted.size(), 4u);
  EXPECT_FALSE(wanted[0].defined());
  EXPECT_EQ(wanted[1].size(3), 5);
  EXPECT_FALSE(wanted[2].defined());
  EXPECT_EQ(wanted[3].size(3), 7);
}

class DetectOn : public DeviceTest {};

TEST_P(DetectOn, EveryDeviceFindsTheSameBoxes) {
  torch::manual_seed(4);
  const DetectorShape shape{
      .strides = {8, 16, 32}, .map_channels = {0, 12, 20}, .channels = 16, .classes = 3};
  const Detector detector(shape, 40, 30, 5);
  const FrameSize frame{96, 64};
  const std::vector<torch::Tensor> maps{torch::Tensor(), torch::randn({1, 4, 6, 12}),
                                        torch::randn({1, 2, 3, 20})};
  auto there = maps;
  for (auto& map : there) {
    if (map.defined()) map = map.to(GetParam());
  }
  const auto placements = placements_of(96, 64, {.frame = frame});
  const auto wanted = detect(detector, maps, placements, frame, 96, 64, {});
  const auto found =
      detect(detector.for_inference(c10::Device(GetParam())), there, placements, frame, 96, 64, {});
  ASSERT_GT(wanted.size(), 3u);
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found[i].category, wanted[i].category);
    EXPECT_NEAR(found[i].score, wanted[i].score, 1e-3);
    EXPECT_NEAR(found[i].box.x1, wanted[i].box.x1, 0.1);
    EXPECT_NEAR(found[i].box.y2, wanted[i].box.y2, 0.1);
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, DetectOn, kDevices, device_name);

}  // namespace
}  // namespace preannotate
