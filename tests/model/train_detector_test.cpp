#include "preannotate/model/train_detector.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <limits>

#include "preannotate/core/error.h"
#include "preannotate/core/random.h"
#include "preannotate/model/detect.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing_support::test_folder;

constexpr int kItems = 24, kHeldOut = 8, kChannels = 6;
constexpr FrameSize kFrame{64, 64};

/// The share of a cell that a box covers.
float covered(const Box& box, int x, int y, int stride) {
  const auto s = static_cast<float>(stride);
  const Box cell{x * s, y * s, (x + 1) * s, (y + 1) * s};
  const Box both{std::max(box.x1, cell.x1), std::max(box.y1, cell.y1), std::min(box.x2, cell.x2),
                 std::min(box.y2, cell.y2)};
  return both.area() / cell.area();
}

/// A world in which the maps all but say what is there: one object a frame, of class 0 or 1, whose
/// class's channel holds the covered share of each cell, among noise.
class TrainDetectorTest : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(5);
    Random random(9);
    store_ = std::make_unique<MapStore>(
        std::vector<MapStore::Level>{{8, 8, kChannels}, {4, 4, kChannels}}, kItems + kHeldOut,
        1 << 30, test_folder());
    for (int i = 0; i < kItems + kHeldOut; ++i) {
      const auto side = [&] { return 16 + static_cast<float>(random.below(20)); };
      const float width = side(), height = side();
      const auto x = static_cast<float>(random.below(static_cast<std::uint64_t>(64 - width)));
      const auto y = static_cast<float>(random.below(static_cast<std::uint64_t>(64 - height)));
      const Box box{x, y, x + width, y + height};
      const int category = static_cast<int>(random.below(2));
      data_.truth.push_back({.boxes = {box}, .categories = {category}, .ignored = {}});
      store_->put(i, maps_of(box, category));
    }
    data_.maps = store_.get();
    data_.frame_width = kFrame.width;
    data_.frame_height = kFrame.height;
    for (size_t i = 0; i < kItems; ++i) items_.push_back(i);
    training_.steps = 240;
    training_.batch = 4;
    training_.learning_rate = 5e-3;
    training_.decay = 0.05;
    training_.average = 0.95;
  }

  static std::vector<torch::Tensor> maps_of(const Box& box, int category) {
    std::vector<torch::Tensor> maps;
    for (const int stride : {8, 16}) {
      auto map = torch::randn({64 / stride, 64 / stride, kChannels}) * 0.1;
      for (int y = 0; y < 64 / stride; ++y) {
        for (int x = 0; x < 64 / stride; ++x) {
          map[y][x][category] += 2 * covered(box, x, y, stride);
        }
      }
      maps.push_back(map);
    }
    return maps;
  }

  Detector start() const {
    return Detector(
        {.strides = {8, 16}, .map_channels = {kChannels, kChannels}, .channels = 16, .classes = 2},
        26, 26, 3);
  }

  Detector train() {
    return train_detector(start(), data_, items_, training_,
                          [&](const DetectorProgress& progress, const Detector&) {
                            reports_.push_back(progress);
                            return true;
                          });
  }

  static bool same(const Detector& a, const Detector& b) {
    for (size_t i = 0; i < a.weights().size(); ++i) {
      if (!torch::equal(a.weights()[i].second, b.weights()[i].second)) return false;
    }
    return true;
  }

  std::unique_ptr<MapStore> store_;
  DetectorData data_;
  std::vector<size_t> items_;
  DetectorTraining training_;
  std::vector<DetectorProgress> reports_;
};

TEST_F(TrainDetectorTest, LearnsToFindObjectsThatItHasNotSeen) {
  training_.steps =
      480;  // enough that the last bits, which differ between processors, do not decide
  const auto detector = train();
  EXPECT_LT(reports_.back().loss, 0.5 * reports_.front().loss);
  int right = 0;
  for (int i = kItems; i < kItems + kHeldOut; ++i) {
    const auto& truth = data_.truth[static_cast<size_t>(i)];
    const auto boxes =
        detect(detector, store_->gather({i}), {letterbox(64, 64, kFrame)}, kFrame, 64, 64, {});
    ASSERT_FALSE(boxes.empty());
    if (boxes[0].category == truth.categories[0] && iou(boxes[0].box, truth.boxes[0]) > 0.5) {
      ++right;
    }
  }
  EXPECT_GE(right, kHeldOut - 1);
}

TEST_F(TrainDetectorTest, TheSameArgumentsGiveTheSameBits) {
  training_.steps = 25;
  const auto one = train(), other = train();
  EXPECT_TRUE(same(one, other));
  training_.seed = 1;
  EXPECT_FALSE(same(one, train()));
}

TEST_F(TrainDetectorTest, TheStartIsLeftAsItWas) {
  training_.steps = 10;
  const auto detector = start();
  train_detector(detector, data_, items_, training_, [](const auto&, const auto&) { return true; });
  EXPECT_TRUE(same(detector, start()));
}

TEST_F(TrainDetectorTest, ReportsEachTenStepsAndTheChecksTheLastAtTheEnd) {
  training_.steps = 64;
  training_.checks = 3;
  train();
  std::vector<int> steps, checks;
  for (const auto& report : reports_) {
    steps.push_back(report.step);
    if (report.check) checks.push_back(report.step);
    EXPECT_TRUE(std::isfinite(report.loss));
  }
  EXPECT_EQ(steps, (std::vector<int>{10, 20, 22, 30, 40, 43, 50, 60, 64}));
  EXPECT_EQ(checks, (std::vector<int>{22, 43, 64}));
}

TEST_F(TrainDetectorTest, FalseFromReportEndsItWithWhatWasLearnedSoFar) {
  training_.steps = 60;
  int calls = 0;
  std::optional<Detector> at_the_end;
  const auto detector = train_detector(start(), data_, items_, training_,
                                       [&](const DetectorProgress& progress, const Detector& now) {
                                         ++calls;
                                         at_the_end.emplace(now.copy());
                                         return progress.step < 20;
                                       });
  EXPECT_EQ(reports_.size(), 0u);
  EXPECT_GE(calls, 2);
  EXPECT_LE(calls, 4);
  EXPECT_TRUE(same(detector, *at_the_end));
  EXPECT_FALSE(same(detector, start()));
}

TEST_F(TrainDetectorTest, MapsThatAreNoNumbersEndAsDiverged) {
  training_.steps = 20;
  store_->put(3, {torch::full({8, 8, kChannels}, std::numeric_limits<float>::quiet_NaN()),
                  torch::zeros({4, 4, kChannels})});
  try {
    train();
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kDiverged);
  }
}

TEST_F(TrainDetectorTest, OtherItemsAreNeverRead) {
  training_.steps = 30;
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  for (int i = kItems; i < kItems + kHeldOut; ++i) {
    store_->put(i, {torch::full({8, 8, kChannels}, nan), torch::full({4, 4, kChannels}, nan)});
  }
  EXPECT_NO_THROW(train());
}

TEST_F(TrainDetectorTest, ViewsWithoutObjectsAreLearnedToo) {
  training_.steps = 30;
  for (auto& truth : data_.truth) truth = {};
  train();
  EXPECT_TRUE(std::isfinite(reports_.back().loss));
  EXPECT_LT(reports_.back().loss, reports_.front().loss);
}

TEST_F(TrainDetectorTest, ALevelWithoutMapIsTrainedToo) {
  training_.steps = 12;
  const Detector finer({.strides = {4, 8, 16},
                        .map_channels = {0, kChannels, kChannels},
                        .channels = 16,
                        .classes = 2},
                       26, 26, 3);
  const auto detector = train_detector(finer, data_, items_, training_,
                                       [](const auto&, const auto&) { return true; });
  const auto maps = store_->gather({0});
  EXPECT_EQ(detector.forward({torch::Tensor(), maps[0], maps[1]}, false).logits.size(1),
            16 * 16 + 8 * 8 + 4 * 4);
}

}  // namespace
}  // namespace preannotate
