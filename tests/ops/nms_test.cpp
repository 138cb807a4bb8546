#include "preannotate/ops/nms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <vector>

#include "ops/devices.h"
#include "preannotate/core/box.h"

namespace preannotate {
namespace {

using Rows = std::vector<int64_t>;

Rows rows(const torch::Tensor& t) {
  const auto on_host = t.cpu().contiguous();
  const auto* first = on_host.const_data_ptr<int64_t>();
  return {first, first + on_host.numel()};
}

/// The definition, written to be read: one box at a time.
Rows rows_by_definition(const torch::Tensor& boxes, const torch::Tensor& scores,
                        const torch::Tensor& classes, const torch::Tensor& images,
                        float threshold) {
  const auto* box = reinterpret_cast<const Box*>(boxes.const_data_ptr<float>());
  const auto* score = scores.const_data_ptr<float>();
  const auto class_of = rows(classes), image_of = rows(images);
  Rows order(static_cast<size_t>(boxes.size(0)));
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return score[a] > score[b]; });
  Rows kept;
  for (const int64_t i : order) {
    const bool free = std::none_of(kept.begin(), kept.end(), [&](int64_t k) {
      return class_of[k] == class_of[i] && image_of[k] == image_of[i] &&
             iou(box[k], box[i]) > threshold;
    });
    if (free) kept.push_back(i);
  }
  return kept;
}

/// Corners and scores on coarse grids, so that equal scores and equal boxes occur.
struct Case {
  torch::Tensor boxes, scores, classes, images;
};

Case random_case(int64_t n) {
  auto boxes = torch::randint(0, 100, {n, 4}).to(torch::kFloat32);
  boxes.slice(1, 2) += boxes.slice(1, 0, 2);
  return {boxes.contiguous(), torch::randint(0, 200, {n}).to(torch::kFloat32) / 200,
          torch::randint(-1, 3, {n}), torch::randint(0, 4, {n})};
}

constexpr int64_t kSizes[] = {0, 1, 63, 64, 65, 1000};
constexpr float kThresholds[] = {0.0f, 0.2f, 0.5f, 0.8f, 1.0f};

class NmsTest : public DeviceTest {
 protected:
  Rows run(const torch::Tensor& boxes, const torch::Tensor& scores, float threshold) {
    return rows(nms(boxes.to(GetParam()), scores.to(GetParam()), threshold));
  }
  Rows run(const Case& c, float threshold) {
    return rows(batched_nms(c.boxes.to(GetParam()), c.scores.to(GetParam()),
                            c.classes.to(GetParam()), c.images.to(GetParam()), threshold));
  }
};

TEST_P(NmsTest, KeepsWhatTheDefinitionKeeps) {
  torch::manual_seed(7);
  for (const int64_t n : kSizes) {
    const auto c = random_case(n);
    const auto alike = torch::zeros_like(c.classes);
    for (const float t : kThresholds) {
      EXPECT_EQ(run(c.boxes, c.scores, t), rows_by_definition(c.boxes, c.scores, alike, alike, t))
          << "n=" << n << " t=" << t;
    }
  }
}

TEST_P(NmsTest, KeepsWhatTheDefinitionKeepsOfEveryClassAndImage) {
  torch::manual_seed(8);
  for (const int64_t n : kSizes) {
    const auto c = random_case(n);
    for (const float t : kThresholds) {
      EXPECT_EQ(run(c, t), rows_by_definition(c.boxes, c.scores, c.classes, c.images, t))
          << "n=" << n << " t=" << t;
    }
  }
}

TEST_P(NmsTest, EqualClassesSuppressAcrossClassesWithinAnImage) {
  torch::manual_seed(9);
  auto c = random_case(300);
  c.classes = torch::full_like(c.classes, 5);
  EXPECT_EQ(run(c, 0.5f), rows_by_definition(c.boxes, c.scores, c.classes, c.images, 0.5f));
}

TEST_P(NmsTest, ABoxIsDroppedOnlyByItsOwnClassAndImage) {
  const Case c{torch::tensor({0.f, 0.f, 4.f, 4.f}).repeat({4, 1}),
               torch::tensor({0.9f, 0.8f, 0.7f, 0.6f}), torch::tensor({1, 0, 1, 1}, torch::kInt64),
               torch::tensor({0, 0, 1, 0}, torch::kInt64)};
  EXPECT_EQ(run(c, 0.5f), (Rows{0, 1, 2}));
}

TEST_P(NmsTest, ADroppedBoxDropsNoOther) {
  const auto chain =
      torch::tensor({{0.f, 0.f, 10.f, 1.f}, {3.f, 0.f, 13.f, 1.f}, {6.f, 0.f, 16.f, 1.f}});
  EXPECT_EQ(run(chain, torch::tensor({0.9f, 0.8f, 0.7f}), 0.5f), (Rows{0, 2}));
}

TEST_P(NmsTest, IouEqualToTheThresholdIsKept) {
  const auto boxes = torch::tensor({{0.f, 0.f, 10.f, 1.f}, {0.f, 0.f, 3.f, 1.f}});  // IoU 0.3
  EXPECT_EQ(run(boxes, torch::tensor({0.9f, 0.8f}), 0.3f), (Rows{0, 1}));
}

TEST_P(NmsTest, EqualScoresKeepInputOrder) {
  const auto apart = torch::tensor({{0.f, 0.f, 1.f, 1.f}, {5.f, 5.f, 6.f, 6.f}});
  EXPECT_EQ(run(apart, torch::ones(2), 0.5f), (Rows{0, 1}));
}

TEST(NmsErrors, NameWhatTheyGot) {
  using testing::HasSubstr;
  const auto of = [](const torch::Tensor& boxes, const torch::Tensor& scores, float threshold) {
    return value_error([&] { nms(boxes, scores, threshold); });
  };
  EXPECT_THAT(of(torch::zeros({3, 5}), torch::zeros(3), 0.5f), HasSubstr("[3, 5]"));
  EXPECT_THAT(of(torch::zeros({3, 4}), torch::zeros(2), 0.5f), HasSubstr("N = 3, got [2]"));
  EXPECT_THAT(of(torch::zeros({3, 4}, torch::kFloat64), torch::zeros(3), 0.5f),
              HasSubstr("Double and Float"));
  EXPECT_THAT(of(torch::zeros({3, 4}), torch::zeros(3), NAN), HasSubstr("iou_threshold"));
  EXPECT_THAT(value_error([] {
                batched_nms(torch::zeros({3, 4}), torch::zeros(3), torch::zeros(3),
                            torch::zeros(3, torch::kInt64), 0.5f);
              }),
              HasSubstr("classes must be int64, got Float"));
  EXPECT_THAT(value_error([] {
                batched_nms(torch::zeros({3, 4}), torch::zeros(3), torch::zeros(3, torch::kInt64),
                            torch::zeros(4, torch::kInt64), 0.5f);
              }),
              HasSubstr("images must be [N] with N = 3, got [4]"));
}

INSTANTIATE_TEST_SUITE_P(Devices, NmsTest, kDevices, device_name);

}  // namespace
}  // namespace preannotate
