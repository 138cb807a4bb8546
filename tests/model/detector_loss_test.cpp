#include "model/detector_loss.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

namespace preannotate {
namespace {

/// 1 - GIoU of two boxes in plain code.
double plain_giou_loss(const double* a, const double* b) {
  const auto area = [](const double* box) { return (box[2] - box[0]) * (box[3] - box[1]); };
  const double width = std::max(0.0, std::min(a[2], b[2]) - std::max(a[0], b[0]));
  const double height = std::max(0.0, std::min(a[3], b[3]) - std::max(a[1], b[1]));
  const double shared = width * height, joined = area(a) + area(b) - shared;
  const double hull =
      (std::max(a[2], b[2]) - std::min(a[0], b[0])) * (std::max(a[3], b[3]) - std::min(a[1], b[1]));
  return 1 - (shared / joined - (hull - joined) / hull);
}

torch::Tensor random_boxes(std::int64_t count) {
  const auto corner = torch::rand({count, 2}, torch::kFloat64) * 40;
  return torch::cat({corner, corner + 1 + torch::rand({count, 2}, torch::kFloat64) * 30}, 1);
}

TEST(GiouLoss, IsTheDefinition) {
  torch::manual_seed(1);
  const auto predicted = random_boxes(200), truth = random_boxes(200);
  const auto found = giou_loss(predicted, truth);
  for (std::int64_t i = 0; i < 200; ++i) {
    EXPECT_NEAR(found[i].item<double>(),
                plain_giou_loss(predicted[i].data_ptr<double>(), truth[i].data_ptr<double>()),
                1e-9);
  }
}

TEST(GiouLoss, IsZeroForEqualBoxesAndNearsTwoForFarOnes) {
  const auto box = torch::tensor({{10.0f, 10.0f, 20.0f, 30.0f}});
  EXPECT_NEAR(giou_loss(box, box).item<double>(), 0, 1e-6);
  EXPECT_NEAR(giou_loss(box, box + 10000).item<double>(), 2, 1e-3);
}

TEST(GiouLoss, ItsGradientIsTheSlope) {
  torch::manual_seed(2);
  const auto predicted = random_boxes(40).requires_grad_(), truth = random_boxes(40);
  giou_loss(predicted, truth).sum().backward();
  const double h = 1e-5;
  for (std::int64_t k = 0; k < 4; ++k) {
    auto above = predicted.detach().clone(), below = predicted.detach().clone();
    above.select(1, k).add_(h);
    below.select(1, k).sub_(h);
    const auto slope = (giou_loss(above, truth) - giou_loss(below, truth)) / (2 * h);
    EXPECT_TRUE(torch::allclose(predicted.grad().select(1, k), slope, 1e-5, 1e-7)) << k;
  }
}

/// Twenty cells of a 32 x 32 frame, strides 8 and 16.
std::vector<Cell> cells() {
  const auto points = cell_points({8, 16}, 32, 32);
  std::vector<Cell> cells;
  for (std::int64_t i = 0; i < points.size(0); ++i) {
    const float* p = points[i].data_ptr<float>();
    cells.push_back({p[0], p[1], p[2]});
  }
  return cells;
}

CellPredictions random_predictions(int views) {
  return {(torch::randn({views, 20, 2}) - 1).requires_grad_(),
          (torch::rand({views, 20, 4}) + 0.3).requires_grad_()};
}

ViewTruth one_object() {
  return {.boxes = {{6, 5, 23, 26}}, .categories = {1}, .ignored = {}};
}

TEST(DetectorLoss, ItsGradientIsTheSlope) {
  torch::manual_seed(3);
  // What is learned then depends on no prediction, and the slope is that of the written formula.
  DetectorLossOptions options;
  options.assignment.prior = 1;
  options.focus = 0;
  const auto predictions = random_predictions(2);
  const std::vector<ViewTruth> truth{
      one_object(),
      {.boxes = {{1, 1, 4, 3}, {9, 9, 30, 31}}, .categories = {0, 1}, .ignored = {{0, 16, 8, 32}}}};
  detector_loss(predictions, cells(), truth, options).backward();
  const double h = 4e-3;
  for (const auto& input : {predictions.logits, predictions.distances}) {
    auto values = input.detach().view(-1);
    const auto gradient = input.grad().view(-1);
    for (std::int64_t i = 0; i < values.size(0); ++i) {
      const float value = values[i].item<float>();
      const auto loss_at = [&](double at) {
        values[i] = at;
        return detector_loss(predictions, cells(), truth, options).item<double>();
      };
      const double slope = (loss_at(value + h) - loss_at(value - h)) / (2 * h);
      values[i] = value;
      EXPECT_NEAR(gradient[i].item<double>(), slope, 1e-3 + 0.02 * std::abs(slope)) << i;
    }
  }
}

TEST(DetectorLoss, WithoutAnyBoxOnlyConfidentCellsArePushedDown) {
  torch::manual_seed(4);
  const auto predictions = random_predictions(2);
  const auto loss = detector_loss(predictions, cells(), {{}, {}}, {});
  loss.backward();
  const auto p = predictions.logits.detach().sigmoid();
  const auto expected = (0.75 * p.square() * -(1 - p).log()).sum();
  EXPECT_NEAR(loss.item<double>(), expected.item<double>(), 1e-4);
  EXPECT_TRUE(torch::allclose(predictions.logits.grad(), 0.75 * p.pow(3), 1e-4, 1e-6));
  EXPECT_TRUE(!predictions.distances.grad().defined() ||
              (predictions.distances.grad() == 0).all().item<bool>());
}

TEST(DetectorLoss, CellsInACrowdLearnNothing) {
  torch::manual_seed(5);
  const auto predictions = random_predictions(1);
  ViewTruth view;
  view.ignored = {{0, 0, 16, 16}};
  detector_loss(predictions, cells(), {view}, {}).backward();
  const auto all_cells = cells();
  for (std::int64_t i = 0; i < 20; ++i) {
    const Cell& cell = all_cells[static_cast<size_t>(i)];
    const bool in_crowd = cell.x < 16 && cell.y < 16;
    const auto learned = predictions.logits.grad()[0][i].abs().min().item<double>() > 0;
    EXPECT_EQ(learned, !in_crowd) << i;
  }
}

TEST(DetectorLoss, AnObjectInACrowdIsLearnedAllTheSame) {
  torch::manual_seed(6);
  const auto predictions = random_predictions(1);
  ViewTruth view = one_object();
  view.ignored = {{0, 0, 32, 32}};
  detector_loss(predictions, cells(), {view}, {}).backward();
  const auto of_class = predictions.logits.grad()[0].select(1, 1);
  const auto of_other = predictions.logits.grad()[0].select(1, 0);
  EXPECT_GT(of_class.abs().max().item<double>(), 0);
  EXPECT_EQ(of_other.abs().max().item<double>(), 0);
  EXPECT_GT(predictions.distances.grad().abs().max().item<double>(), 0);
}

TEST(DetectorLoss, GrowsAsTheBoxesMoveAway) {
  torch::manual_seed(7);
  DetectorLossOptions options;
  options.assignment.prior = 1;
  const auto logits = torch::zeros({1, 20, 2});
  std::vector<double> losses;
  for (const float off : {0.0f, 2.0f, 5.0f}) {
    auto distances = torch::empty({1, 20, 4});
    const auto all_cells = cells();
    for (size_t i = 0; i < all_cells.size(); ++i) {
      const auto& [x, y, stride] = all_cells[i];
      distances[0][static_cast<std::int64_t>(i)].copy_(
          torch::tensor({x - 6 + off, y - 5 + off, 23 - x + off, 26 - y + off}) / stride);
    }
    losses.push_back(
        detector_loss({logits, distances}, cells(), {one_object()}, options).item<double>());
  }
  EXPECT_LT(losses[0], losses[1]);
  EXPECT_LT(losses[1], losses[2]);
}

TEST(DetectorLoss, AViewTwiceInABatchCostsAsMuchAsOnce) {
  torch::manual_seed(8);
  DetectorLossOptions options;
  options.assignment.prior = 1;
  const auto one = random_predictions(1);
  const CellPredictions two{one.logits.repeat({2, 1, 1}), one.distances.repeat({2, 1, 1})};
  EXPECT_NEAR(detector_loss(one, cells(), {one_object()}, options).item<double>(),
              detector_loss(two, cells(), {one_object(), one_object()}, options).item<double>(),
              1e-5);
}

TEST(DetectorLoss, IsNotFiniteWhereThePredictionsAreNot) {
  auto predictions = random_predictions(1);
  predictions.logits = torch::full({1, 20, 2}, std::nanf(""));
  EXPECT_FALSE(
      std::isfinite(detector_loss(predictions, cells(), {one_object()}, {}).item<double>()));
}

}  // namespace
}  // namespace preannotate
