#include "preannotate/model/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Weights = std::vector<std::pair<std::string, torch::Tensor>>;

/// Three levels, the finest without a map; frame 96 x 64.
DetectorShape three_levels() {
  return {.strides = {8, 16, 32}, .map_channels = {0, 12, 20}, .channels = 16, .classes = 3};
}

std::vector<torch::Tensor> random_maps(int views) {
  return {torch::Tensor(), torch::randn({views, 4, 6, 12}), torch::randn({views, 2, 3, 20})};
}

Weights copies(const Detector& detector) {
  Weights weights;
  for (const auto& [name, value] : detector.weights()) {
    weights.emplace_back(name, value.detach().clone());
  }
  return weights;
}

bool same_weights(const Weights& a, const Weights& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].first != b[i].first || !torch::equal(a[i].second, b[i].second)) return false;
  }
  return true;
}

/// Weights and statistics that are not those of the start.
Detector trained_looking() {
  torch::manual_seed(11);
  Detector detector(three_levels(), 40, 30, 5);
  for (int i = 0; i < 20; ++i) detector.forward(random_maps(4), true);
  return detector;
}

TEST(Detector, SaysSomethingOfEveryCellFinestLevelFirst) {
  torch::manual_seed(1);
  const Detector detector(three_levels(), 40, 30, 5);
  const auto predictions = detector.forward(random_maps(2), false);
  const std::int64_t cells = 8 * 12 + 4 * 6 + 2 * 3;
  EXPECT_EQ(predictions.logits.sizes(), (std::vector<std::int64_t>{2, cells, 3}));
  EXPECT_EQ(predictions.distances.sizes(), (std::vector<std::int64_t>{2, cells, 4}));
  EXPECT_EQ(cell_points({8, 16, 32}, 96, 64).size(0), cells);
  EXPECT_TRUE((predictions.distances > 0).all().item<bool>());
}

TEST(Detector, OneLevelIsEnough) {
  torch::manual_seed(1);
  const Detector detector({.strides = {16}, .map_channels = {12}, .channels = 16, .classes = 1}, 40,
                          30, 5);
  EXPECT_EQ(detector.forward({torch::randn({2, 3, 5, 12})}, false).logits.sizes(),
            (std::vector<std::int64_t>{2, 15, 1}));
}

TEST(Detector, StartsFromLowScoresAndTheTypicalBox) {
  torch::manual_seed(2);
  const Detector detector(three_levels(), 40, 24, 5);
  const auto predictions = detector.forward(random_maps(8), true);
  EXPECT_NEAR(predictions.logits.sigmoid().mean().item<double>(), 0.02, 0.01);
  const auto points = cell_points({8, 16, 32}, 96, 64);
  const auto pixels = predictions.distances * points.slice(1, 2, 3);
  const auto mean = pixels.mean(at::IntArrayRef{0, 1});
  EXPECT_NEAR((mean[0] + mean[2]).item<double>(), 40, 4);
  EXPECT_NEAR((mean[1] + mean[3]).item<double>(), 24, 2.4);
}

TEST(Detector, ForInferenceGivesTheSameAndKeepsTheWeightsOfThatMoment) {
  const Detector trained = trained_looking();
  const Detector ready = trained.for_inference();
  const auto maps = random_maps(3);
  const auto expected = trained.forward(maps, false), found = ready.forward(maps, false);
  EXPECT_TRUE(torch::allclose(found.logits, expected.logits, 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(found.distances, expected.distances, 1e-4, 1e-4));
  EXPECT_FALSE(torch::equal(found.logits, expected.logits)) << "packed layers round otherwise";

  trained.forward(random_maps(4), true);  // moves the statistics
  EXPECT_TRUE(torch::equal(ready.forward(maps, false).logits, found.logits));
  const Detector copy = ready.copy();
  EXPECT_TRUE(torch::equal(copy.forward(maps, false).logits, trained.forward(maps, false).logits));
  EXPECT_TRUE(copy.forward(maps, true).logits.requires_grad());
}

TEST(Detector, AtInferenceAViewDoesNotDependOnItsNeighbours) {
  const auto detector = trained_looking();
  const auto maps = random_maps(3);
  const auto together = detector.forward(maps, false);
  for (std::int64_t i = 0; i < 3; ++i) {
    const auto alone = detector.forward(
        {torch::Tensor(), maps[1].slice(0, i, i + 1), maps[2].slice(0, i, i + 1)}, false);
    EXPECT_TRUE(torch::allclose(alone.logits[0], together.logits[i], 1e-5, 1e-5)) << i;
    EXPECT_TRUE(torch::allclose(alone.distances[0], together.distances[i], 1e-5, 1e-5)) << i;
  }
}

TEST(Detector, InferenceChangesNothingTrainingMovesTheStatistics) {
  torch::manual_seed(3);
  const Detector detector(three_levels(), 40, 30, 5);
  const auto before = copies(detector);
  detector.forward(random_maps(2), false);
  EXPECT_TRUE(same_weights(before, copies(detector)));
  detector.forward(random_maps(2), true);
  const auto after = copies(detector);
  for (size_t i = 0; i < before.size(); ++i) {
    const bool statistic = before[i].first.find("running") != std::string::npos;
    EXPECT_EQ(torch::equal(before[i].second, after[i].second), !statistic) << before[i].first;
  }
}

TEST(Detector, EveryTrainedWeightGetsAGradient) {
  torch::manual_seed(4);
  const Detector detector(three_levels(), 40, 30, 5);
  const auto predictions = detector.forward(random_maps(2), true);
  ((predictions.logits * torch::randn_like(predictions.logits)).sum() +
   (predictions.distances * torch::randn_like(predictions.distances)).sum())
      .backward();
  size_t trained = 0;
  for (const auto& [name, value] : detector.weights()) {
    if (!value.requires_grad()) continue;
    ++trained;
    ASSERT_TRUE(value.grad().defined()) << name;
    EXPECT_GT(value.grad().abs().max().item<double>(), 0) << name;
  }
  EXPECT_EQ(trained, detector.trained().size());
  EXPECT_LT(trained, detector.weights().size());
}

TEST(Detector, TheSameSeedGivesTheSameWeights) {
  EXPECT_TRUE(same_weights(copies(Detector(three_levels(), 40, 30, 5)),
                           copies(Detector(three_levels(), 40, 30, 5))));
  EXPECT_FALSE(same_weights(copies(Detector(three_levels(), 40, 30, 5)),
                            copies(Detector(three_levels(), 40, 30, 6))));
}

TEST(Detector, ACopySharesNothing) {
  const auto detector = trained_looking();
  const auto before = copies(detector);
  const auto copy = detector.copy();
  EXPECT_TRUE(same_weights(before, copies(copy)));
  copy.forward(random_maps(2), true);
  EXPECT_TRUE(same_weights(before, copies(detector)));
  EXPECT_FALSE(same_weights(before, copies(copy)));
}

TEST(Detector, FromItsOwnWeightsInAnyOrderItIsTheSame) {
  const auto detector = trained_looking();
  auto weights = copies(detector);
  std::reverse(weights.begin(), weights.end());
  const Detector again(three_levels(), weights, "head.pt");
  const auto maps = random_maps(2);
  EXPECT_TRUE(
      torch::equal(again.forward(maps, false).logits, detector.forward(maps, false).logits));
  EXPECT_TRUE(
      torch::equal(again.forward(maps, false).distances, detector.forward(maps, false).distances));
}

/// The UserError of a detector made of `weights`, as "code: sentence".
std::string refusal(const Weights& weights) {
  try {
    const Detector detector(three_levels(), weights, "runs/a/head.pt");
    return "made";
  } catch (const UserError& error) {
    return std::to_string(error.exit_code()) + ": " + error.what();
  }
}

TEST(Detector, WeightsOfAnotherShapeAreRefusedByName) {
  const auto whole = copies(Detector(three_levels(), 40, 30, 5));
  EXPECT_EQ(refusal(whole), "made");
  auto fewer = whole;
  fewer.pop_back();
  EXPECT_THAT(refusal(fewer), AllOf(HasSubstr("5: "), HasSubstr("runs/a/head.pt")));
  auto renamed = whole;
  renamed[3].first = "stranger";
  EXPECT_THAT(refusal(renamed),
              AllOf(HasSubstr("5: "), HasSubstr("runs/a/head.pt"), HasSubstr("'stranger'")));
  auto reshaped = whole;
  reshaped[3].second = torch::zeros({7});
  EXPECT_THAT(refusal(reshaped), AllOf(HasSubstr("5: "), HasSubstr("runs/a/head.pt"),
                                       HasSubstr("'" + whole[3].first + "'")));
}

TEST(Detector, WildMapsGiveFiniteBoxes) {
  const auto detector = trained_looking();
  auto maps = random_maps(1);
  for (size_t i = 1; i < 3; ++i) maps[i] *= 1e6;
  const auto predictions = detector.forward(maps, false);
  EXPECT_TRUE(predictions.distances.isfinite().all().item<bool>());
}

TEST(CellPoints, AreTheCentresRowByRowLevelByLevel) {
  const auto points = cell_points({8, 16}, 32, 16);
  const std::vector<std::vector<float>> expected{{4, 4, 8},  {12, 4, 8},  {20, 4, 8},  {28, 4, 8},
                                                 {4, 12, 8}, {12, 12, 8}, {20, 12, 8}, {28, 12, 8},
                                                 {8, 8, 16}, {24, 8, 16}};
  ASSERT_EQ(points.sizes(), (std::vector<std::int64_t>{10, 3}));
  for (std::int64_t i = 0; i < 10; ++i) {
    for (std::int64_t k = 0; k < 3; ++k) {
      EXPECT_EQ(points[i][k].item<float>(),
                expected[static_cast<size_t>(i)][static_cast<size_t>(k)])
          << i << " " << k;
    }
  }
}

}  // namespace
}  // namespace preannotate
