#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <vector>

#include "gradient.h"
#include "model/head_objective.h"
#include "preannotate/model/classifier.h"

namespace preannotate {
namespace {

/// Images of three classes around class means, each a group of its own.
HeadData drawn(int images, int features, int seed, double signal = 1) {
  torch::manual_seed(seed);
  const auto means = signal * torch::randn({3, features});
  HeadData data;
  data.classes = 3;
  data.targets = torch::arange(images) % 3;
  data.features = means.index_select(0, data.targets) + torch::randn({images, features}) + 0.5;
  for (int i = 0; i < images; ++i) data.group.push_back(i);
  data.plain.assign(images, true);
  return data;
}

HeadOptions with_lambda(double lambda) {
  HeadOptions options;
  options.lambdas = {lambda};
  return options;
}

HeadOptions pulled_to(const LinearHead& head, double lambda, std::vector<bool> known) {
  HeadOptions options = with_lambda(lambda);
  options.prior = HeadPrior{head, std::move(known)};
  return options;
}

/// Largest difference that is left when each class's mean difference is taken off.
double apart_up_to_constants(const torch::Tensor& a, const torch::Tensor& b) {
  const auto difference = a - b;
  return (difference - difference.mean(0)).abs().max().item<double>();
}

TEST(HeadPrior, TheGradientWithPriorAndRejectedRowsIsThatOfNumericDifferences) {
  const auto data = drawn(15, 4, 1);
  std::vector<bool> rejected(15, false);
  rejected[0] = rejected[4] = rejected[11] = true;
  HeadObjective objective(torch::cat({data.features, torch::ones({15, 1})}, 1), data.targets,
                          std::vector<double>(15, 1.0), 3, Link::kSoftmax, rejected);
  objective.set_lambda(0.3);
  std::vector<double> prior(objective.size());
  for (size_t i = 0; i < prior.size(); ++i) prior[i] = std::cos(2.0 + i);
  objective.set_prior(prior);
  std::vector<double> at(prior.size());
  for (size_t i = 0; i < at.size(); ++i) at[i] = 0.5 * std::sin(1.0 + i);
  testing_support::expect_gradient(objective, at, 3e-4);
}

/// The new data have another mean and scale, and fewer rows than columns span less than the head.
TEST(HeadPrior, AStrongPullKeepsTheLogitsUpToAConstantAClass) {
  const auto before = drawn(60, 20, 2);
  const auto earlier = fit_head(before, {}, with_lambda(0.02)).head;
  const auto unseen = drawn(30, 20, 5).features * 3;
  for (const int images : {12, 90}) {
    auto data = drawn(images, 20, 3);
    data.features = data.features * 2 + 1.5;
    const auto fit = fit_head(data, {}, pulled_to(earlier, 1e5, std::vector<bool>(images, false)));
    EXPECT_LT(apart_up_to_constants(fit.head.logits(unseen), earlier.logits(unseen)), 0.02)
        << images;
    const auto free = fit_head(data, {}, with_lambda(0.02)).head;
    EXPECT_GT(apart_up_to_constants(free.logits(unseen), earlier.logits(unseen)), 1) << images;
  }
}

TEST(HeadPrior, ItsBlocksKeepTheirPlaceWhenTheirScalesChange) {
  auto before = drawn(60, 20, 2);
  before.blocks = {8, 12};
  before.features.narrow(1, 8, 12) *= 7;
  const auto earlier = fit_head(before, {}, with_lambda(0.02)).head;
  auto data = drawn(40, 20, 3);
  data.blocks = {8, 12};
  data.features.narrow(1, 0, 8) *= 3;
  const auto fit = fit_head(data, {}, pulled_to(earlier, 1e5, std::vector<bool>(40, false)));
  EXPECT_LT(apart_up_to_constants(fit.head.logits(data.features), earlier.logits(data.features)),
            0.02);
}

TEST(HeadPrior, TheGradientIsZeroAtThePulledHead) {
  const auto earlier = fit_head(drawn(60, 20, 2), {}, with_lambda(0.02)).head;
  const auto data = drawn(45, 20, 4);
  const double lambda = 0.1;
  const auto head =
      fit_head(data, {}, pulled_to(earlier, lambda, std::vector<bool>(45, false))).head;
  const auto x = ((data.features - head.mean) * head.scale).to(torch::kFloat64);
  const auto prior = (earlier.weight * earlier.scale / head.scale).to(torch::kFloat64);
  auto weight = head.weight.to(torch::kFloat64).requires_grad_();
  auto bias = head.bias.to(torch::kFloat64).requires_grad_();
  const auto loss = torch::nll_loss((torch::mm(x, weight.t()) + bias).log_softmax(1), data.targets);
  (loss + lambda / 2 * (weight - prior).square().sum()).backward();
  EXPECT_LT(weight.grad().abs().max().item<double>(), 2e-4);
  EXPECT_LT(bias.grad().abs().max().item<double>(), 2e-4);
}

TEST(HeadPrior, AClassThatItDoesNotHaveIsPulledToNothing) {
  auto before = drawn(60, 20, 2);
  before.classes = 2;
  before.targets = before.targets % 2;
  const auto earlier = fit_head(before, {}, with_lambda(0.02)).head;
  const auto data = drawn(90, 20, 3);
  const auto fit = fit_head(data, {}, pulled_to(earlier, 1e5, std::vector<bool>(90, false)));
  EXPECT_LT(fit.head.weight[2].abs().max().item<double>(), 1e-3);
  EXPECT_GT(fit.head.weight[0].abs().max().item<double>(), 1e-2);
}

/// Labels without any meaning: who has not seen an image can only guess.
TEST(HeadPrior, KnownImagesAreJudgedByAPriorWithoutTheirFold) {
  auto data = drawn(120, 100, 6, 0);
  std::vector<int> folds;
  for (int i = 0; i < 120; ++i) folds.push_back(i / 3 % 4);
  const auto earlier = fit_head(data, {}, with_lambda(1e-3)).head;
  const auto right = [&](const torch::Tensor& logits) {
    return (logits.argmax(1) == data.targets).to(torch::kFloat64).mean().item<double>();
  };
  ASSERT_GT(right(earlier.logits(data.features)), 0.95);

  const auto known = fit_head(data, folds, pulled_to(earlier, 100, std::vector<bool>(120, true)));
  EXPECT_LT(right(known.out_of_fold), 0.55);
  EXPECT_LT(right(known.prior_out_of_fold), 0.55);
  // Were they taken for new ones, the prior's own memory would be praised.
  const auto taken_for_new =
      fit_head(data, folds, pulled_to(earlier, 100, std::vector<bool>(120, false)));
  EXPECT_GT(right(taken_for_new.out_of_fold), 0.9);
  EXPECT_TRUE(taken_for_new.prior_out_of_fold.isnan().all().item<bool>());
}

TEST(HeadTrust, HalfTheTrustIsHalfTheImages) {
  const auto once = drawn(30, 10, 7);
  HeadData twice = once;  // all of the first half again
  twice.features = torch::cat({once.features, once.features.narrow(0, 0, 15)});
  twice.targets = torch::cat({once.targets, once.targets.narrow(0, 0, 15)});
  for (int i = 30; i < 45; ++i) twice.group.push_back(i);
  twice.plain.assign(45, true);
  HeadData trusted = once;
  for (int i = 0; i < 30; ++i) trusted.trust.push_back(i < 15 ? 1 : 0.5);
  const auto a = fit_head(twice, {}, with_lambda(0.05)).head;
  const auto b = fit_head(trusted, {}, with_lambda(0.05)).head;
  EXPECT_LT((a.logits(once.features) - b.logits(once.features)).abs().max().item<double>(), 0.01);
}

TEST(HeadTrust, OfTwoClassesARejectedOneIsTheOther) {
  auto data = drawn(40, 10, 8);
  data.classes = 2;
  data.targets = data.targets % 2;
  auto rejected = data;
  rejected.rejected.assign(40, false);
  rejected.targets = data.targets.clone();
  for (int i = 0; i < 40; i += 5) {
    rejected.rejected[i] = true;
    rejected.targets[i] = 1 - data.targets[i];
  }
  const auto a = fit_head(data, {}, with_lambda(0.05)).head;
  const auto b = fit_head(rejected, {}, with_lambda(0.05)).head;
  EXPECT_LT((a.logits(data.features) - b.logits(data.features)).abs().max().item<double>(), 0.01);
}

TEST(HeadTrust, WhatIsNoneOfAClassLowersItAlone) {
  auto data = drawn(60, 10, 9);
  const auto before = fit_head(data, {}, with_lambda(0.05)).head;
  const auto more = drawn(61, 10, 10).features.narrow(0, 60, 1);
  const int top = static_cast<int>(before.logits(more).argmax(1).item<std::int64_t>());
  data.features = torch::cat({data.features, more});
  data.targets = torch::cat({data.targets, torch::full({1}, top, torch::kInt64)});
  data.group.push_back(60);
  data.plain.push_back(true);
  data.rejected.assign(61, false);
  data.rejected[60] = true;
  const auto after = fit_head(data, {}, with_lambda(0.05)).head;
  const auto was = before.logits(more).softmax(1)[0], is = after.logits(more).softmax(1)[0];
  for (int c = 0; c < 3; ++c) {
    const double change = (is[c] - was[c]).item<double>();
    EXPECT_TRUE(c == top ? change < -0.05 : change > 0) << c << " " << change;
  }
}

TEST(HeadTrust, ARejectedRowValidatesNothing) {
  auto data = drawn(12, 4, 11);
  data.rejected.assign(12, false);
  data.rejected[3] = true;
  std::vector<int> folds;
  for (int i = 0; i < 12; ++i) folds.push_back(i % 2);
  EXPECT_THROW(fit_head(data, folds, {}), c10::ValueError);
  folds[3] = -1;
  EXPECT_TRUE(fit_head(data, folds, {}).out_of_fold[3].isnan().all().item<bool>());
}

}  // namespace
}  // namespace preannotate
