#include "preannotate/model/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gradient.h"
#include "model/head_objective.h"
#include "preannotate/core/error.h"

namespace preannotate {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Class means and noise on axes whose deviation decays like 1 / sqrt(rank), as pooled network
/// features have.
class Drawn {
 public:
  Drawn(int classes, int features, double signal, int seed)
      : classes_(classes), features_(features) {
    torch::manual_seed(seed);
    deviation_ = torch::arange(1, features + 1).to(torch::kFloat32).pow(-0.5);
    means_ = signal * torch::randn({classes, features});
  }

  HeadData images(int per_class) const {
    HeadData data;
    data.classes = classes_;
    data.targets = torch::arange(per_class * classes_) % classes_;
    const auto n = data.targets.size(0);
    const auto latent = means_.index_select(0, data.targets) + torch::randn({n, features_});
    data.features = latent * deviation_ + 0.5;
    for (int i = 0; i < n; ++i) data.group.push_back(i);
    data.plain.assign(n, true);
    return data;
  }

 private:
  int classes_, features_;
  torch::Tensor deviation_, means_;
};

/// Image i in fold i / classes mod folds: stratified for Drawn's order.
std::vector<int> folds(const HeadData& data, int count) {
  std::vector<int> fold;
  const int images = 1 + *std::max_element(data.group.begin(), data.group.end());
  for (int i = 0; i < images; ++i) fold.push_back(i / data.classes % count);
  return fold;
}

HeadOptions with_lambdas(std::vector<double> lambdas) {
  HeadOptions options;
  options.lambdas = std::move(lambdas);
  return options;
}

double accuracy(const torch::Tensor& logits, const torch::Tensor& targets) {
  return (logits.argmax(1) == targets).to(torch::kFloat64).mean().item<double>();
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

/// J's gradient by weights and biases at the head, in float64 from the definition.
std::pair<torch::Tensor, torch::Tensor> gradient_at(const LinearHead& head, const HeadData& data) {
  const auto x = (data.features - head.mean).mul(head.scale).to(torch::kFloat64);
  auto weight = head.weight.to(torch::kFloat64).requires_grad_();
  auto bias = head.bias.to(torch::kFloat64).requires_grad_();
  const auto logits = torch::mm(x, weight.t()) + bias;
  const auto loss = data.link == Link::kSoftmax
                        ? torch::nll_loss(logits.log_softmax(1), data.targets)
                        : torch::binary_cross_entropy_with_logits(
                              logits, data.targets.to(torch::kFloat64), {}, {}, at::Reduction::None)
                              .sum(1)
                              .mean();
  (loss + head.lambda / 2 * weight.square().sum()).backward();
  return {weight.grad(), bias.grad()};
}

TEST(HeadObjective, ItsGradientIsThatOfNumericDifferences) {
  for (const Link link : {Link::kSoftmax, Link::kSigmoid}) {
    auto data = Drawn(3, 4, 1.0, 1).images(5);
    if (link == Link::kSigmoid) {
      data.targets = (torch::rand({15, 3}) > 0.5).to(torch::kFloat32);
    }
    std::vector<double> weight(15, 1.0);
    weight[2] = 3;
    const auto x = torch::cat({data.features, torch::ones({15, 1})}, 1);
    HeadObjective objective(x, data.targets, weight, 3, link);
    objective.set_lambda(0.3);
    std::vector<double> at(objective.size());
    for (size_t i = 0; i < at.size(); ++i) at[i] = std::sin(1.0 + i);
    testing_support::expect_gradient(objective, at, 2e-4);
  }
}

TEST(FitHead, TheGradientIsZeroAtTheHead) {
  for (const int per_class : {6, 60}) {  // fewer rows than features, and more
    for (const double lambda : {1.0, 0.03, 1e-3}) {
      const auto data = Drawn(4, 50, 0.5, 2).images(per_class);
      const auto fit = fit_head(data, {}, with_lambdas({lambda}));
      const auto [by_weight, by_bias] = gradient_at(fit.head, data);
      EXPECT_LT(by_weight.abs().max().item<double>(), 1e-4) << per_class << " " << lambda;
      EXPECT_LT(by_bias.abs().max().item<double>(), 1e-4) << per_class << " " << lambda;
    }
  }
}

TEST(FitHead, SolvingInTheSpanIsTheDirectSolve) {
  for (const int per_class : {5, 40}) {
    const auto data = Drawn(3, 60, 0.5, 3).images(per_class);
    const auto fit = fit_head(data, {}, with_lambdas({0.02}));
    const auto x = (data.features - fit.head.mean) * fit.head.scale;
    const auto n = x.size(0);
    HeadObjective direct(torch::cat({x, torch::ones({n, 1})}, 1), data.targets,
                         std::vector<double>(n, 1.0), 3, Link::kSoftmax);
    std::vector<double> parameters(direct.size(), 0.0);
    minimize_head(direct, 0.02, x.square().mean(0).to(torch::kFloat64), {}, parameters);
    const auto solved = torch::tensor(parameters, torch::kFloat32).view({3, 61});
    EXPECT_LT(largest_difference(solved.narrow(1, 0, 60), fit.head.weight), 2e-3);
  }
}

TEST(FitHead, EachLabelOfManyIsFittedAsIfAlone) {
  auto data = Drawn(3, 30, 0.8, 4).images(20);
  data.link = Link::kSigmoid;
  data.targets = torch::one_hot(data.targets, 3).to(torch::kFloat32);
  data.targets.select(1, 0).add_(data.targets.select(1, 2));  // label 0 also where label 2 is
  const auto together = fit_head(data, {}, with_lambdas({0.05}));
  const auto [by_weight, by_bias] = gradient_at(together.head, data);
  EXPECT_LT(by_weight.abs().max().item<double>(), 1e-4);
  for (int label = 0; label < 3; ++label) {
    auto single = data;
    single.classes = 1;
    single.targets = data.targets.narrow(1, label, 1).contiguous();
    const auto alone = fit_head(single, {}, with_lambdas({0.05}));
    EXPECT_LT(largest_difference(alone.head.logits(data.features).select(1, 0),
                                 together.head.logits(data.features).select(1, label)),
              2e-3);
  }
}

TEST(FitHead, LambdaHasTheLeastOutOfFoldLogLoss) {
  const auto data = Drawn(4, 100, 0.2, 5).images(25);
  const auto fit = fit_head(data, folds(data, 5), {});
  ASSERT_EQ(fit.path.size(), 24u);
  EXPECT_GT(fit.path.front().lambda, fit.path.back().lambda);
  double least = 1e9, chosen = kNan;
  for (const auto& point : fit.path) {
    least = std::min(least, point.log_loss);
    if (point.lambda == fit.head.lambda) chosen = point.log_loss;
    EXPECT_GT(point.log_loss_error, 0);
  }
  EXPECT_LE(chosen, least + 1e-4);
  EXPECT_GT(fit.path.front().log_loss, chosen);
  EXPECT_GT(fit.path.back().log_loss, chosen);
  const auto log_loss = torch::nll_loss(fit.out_of_fold.log_softmax(1), data.targets);
  EXPECT_NEAR(log_loss.item<double>(), chosen, 1e-5);
}

TEST(FitHead, TiesGoToTheStrongerPenalty) {
  auto data = Drawn(2, 8, 1, 6).images(10);
  data.features.fill_(3.25f);  // nothing to learn: every penalty gives the same head
  const auto fit = fit_head(data, folds(data, 5), with_lambdas({0.01, 1, 0.1}));
  EXPECT_EQ(fit.head.lambda, 1);
  EXPECT_THAT(fit.path, testing::SizeIs(3));
}

TEST(FitHead, ConstantFeaturesGiveTheClassesShares) {
  auto data = Drawn(4, 8, 1, 7).images(10);
  data.features.fill_(0.1f);
  data.targets.clamp_max_(1);  // a quarter against three quarters
  data.classes = 2;
  const auto fit = fit_head(data, {}, {});
  EXPECT_EQ(fit.head.scale.abs().max().item<float>(), 0);
  const auto p = fit.head.logits(data.features.narrow(0, 0, 1)).softmax(1);
  EXPECT_NEAR(p[0][0].item<double>(), 0.25, 1e-3);
}

TEST(FitHead, AConstantFeatureIsDroppedAndTheOthersStay) {
  const auto data = Drawn(3, 20, 1, 8).images(10);
  auto with_constant = data;
  with_constant.features = torch::cat({data.features, torch::full({30, 1}, 1e4f)}, 1);
  const auto plain = fit_head(data, {}, {}), fit = fit_head(with_constant, {}, {});
  EXPECT_EQ(fit.head.scale[20].item<float>(), 0);
  EXPECT_LT(largest_difference(fit.head.weight.narrow(1, 0, 20), plain.head.weight), 1e-3);
}

TEST(FitHead, OneClassIsPredictedEverywhere) {
  auto data = Drawn(3, 12, 1, 9).images(4);
  data.targets.fill_(1);
  const auto fit = fit_head(data, folds(data, 2), {});
  EXPECT_TRUE(fit.head.logits(data.features).isfinite().all().item<bool>());
  EXPECT_EQ(accuracy(fit.head.logits(data.features), data.targets), 1);
  EXPECT_EQ(fit.path.back().accuracy, 1);
}

TEST(FitHead, GroupsInNoFoldTrainButAreNotValidatedOn) {
  const auto data = Drawn(3, 40, 0.8, 10).images(8);
  auto fold = folds(data, 4);
  fold[2] = fold[5] = -1;
  const auto fit = fit_head(data, fold, {});
  ASSERT_EQ(fit.out_of_fold.sizes(), torch::IntArrayRef({24, 3}));
  for (int g = 0; g < 24; ++g) {
    EXPECT_EQ(fit.out_of_fold[g].isnan().any().item<bool>(), fold[g] == -1) << g;
  }
  // Their label matters to the others' logits: they train in every fold.
  auto changed = data;
  changed.targets = data.targets.clone();
  changed.targets[2] = 0;
  const auto options = with_lambdas({0.05});
  EXPECT_GT(largest_difference(fit_head(data, fold, options).out_of_fold[0],
                               fit_head(changed, fold, options).out_of_fold[0]),
            1e-3);
}

TEST(FitHead, NoGroupsLabelReachesItsOwnFoldsLogits) {
  const auto data = Drawn(3, 60, 0.5, 11).images(10);
  const auto fold = folds(data, 5);
  const auto options = with_lambdas({0.01});
  const auto before = fit_head(data, fold, options).out_of_fold;
  auto changed = data;
  changed.targets = data.targets.clone();
  for (int g = 0; g < 30; ++g) {
    if (fold[g] == 3) changed.targets[g] = (changed.targets[g].item<int>() + 1) % 3;
  }
  const auto after = fit_head(changed, fold, options).out_of_fold;
  for (int g = 0; g < 30; ++g) {
    const double difference = largest_difference(before[g], after[g]);
    if (fold[g] == 3) {
      EXPECT_EQ(difference, 0) << g;
    } else {
      EXPECT_GT(difference, 1e-3) << g;
    }
  }
}

TEST(FitHead, RandomLabelsAreRightByChanceOnly) {
  auto data = Drawn(4, 300, 0, 12).images(50);  // 200 images, no signal
  // Two views of each image: were they in different folds, the answer would be known.
  data.features = torch::cat({data.features, data.features + 1e-3});
  data.targets = torch::cat({data.targets, data.targets});
  for (int i = 0; i < 200; ++i) data.group.push_back(i);
  data.plain.resize(400, false);
  const auto fit = fit_head(data, folds(data, 5), with_lambdas({1e-4}));
  EXPECT_EQ(accuracy(fit.head.logits(data.features), data.targets), 1);
  EXPECT_NEAR(fit.path[0].accuracy, 0.25, 0.1);
  EXPECT_GT(fit.path[0].log_loss, std::log(4.0));
}

TEST(FitHead, TheSameViewTwiceWeighsAsOnce) {
  const auto once = Drawn(3, 40, 0.6, 13).images(10);
  auto twice = once;
  const auto tail = once.features.narrow(0, 20, 10);
  twice.features = torch::cat({once.features, tail, tail});  // images 20-29 have three views
  twice.targets =
      torch::cat({once.targets, once.targets.narrow(0, 20, 10), once.targets.narrow(0, 20, 10)});
  for (int i = 0; i < 20; ++i) twice.group.push_back(20 + i % 10);
  twice.plain.resize(50, false);
  const auto options = with_lambdas({0.05});
  const auto a = fit_head(once, folds(once, 5), options);
  const auto b = fit_head(twice, folds(once, 5), options);
  EXPECT_LT(largest_difference(a.head.weight, b.head.weight), 1e-3);
  EXPECT_LT(largest_difference(a.out_of_fold, b.out_of_fold),
            0.1);  // the path is solved less exactly
  EXPECT_NEAR(a.path[0].log_loss, b.path[0].log_loss, 3e-3);
}

TEST(FitHead, TheOrderOfRowsDoesNotMatter) {
  const auto data = Drawn(3, 40, 0.6, 14).images(10);
  auto shuffled = data;
  const auto order = torch::randperm(30);
  shuffled.features = data.features.index_select(0, order);
  shuffled.targets = data.targets.index_select(0, order);
  for (int i = 0; i < 30; ++i) shuffled.group[i] = data.group[order[i].item<int>()];
  EXPECT_EQ(fit_head(data, folds(data, 5), {}).head.lambda,
            fit_head(shuffled, folds(data, 5), {}).head.lambda);
  HeadOptions fixed;
  fixed.lambdas = {0.1};  // the weaker the penalty, the further a tolerance lets weights differ
  const auto a = fit_head(data, folds(data, 5), fixed);
  const auto b = fit_head(shuffled, folds(data, 5), fixed);
  EXPECT_LT(largest_difference(a.head.weight, b.head.weight), 1e-3);
  EXPECT_LT(largest_difference(a.out_of_fold, b.out_of_fold), 0.1);
}

TEST(FitHead, ThreadsDoNotChangeTheResult) {
  const auto data = Drawn(3, 40, 0.6, 15).images(10);
  HeadOptions one, three;
  one.threads = 1;
  three.threads = 3;
  const auto a = fit_head(data, folds(data, 5), one), b = fit_head(data, folds(data, 5), three);
  EXPECT_TRUE(torch::equal(a.out_of_fold, b.out_of_fold));
  EXPECT_TRUE(torch::equal(a.head.weight, b.head.weight));
}

TEST(FitHead, FewImagesAClassAreAsGoodAsTheNearestClassMean) {
  for (const int per_class : {1, 2, 3, 5}) {
    double head_right = 0, mean_right = 0;
    for (int seed = 0; seed < 5; ++seed) {
      const Drawn drawn(8, 200, 0.6, 100 + seed);
      const auto few = drawn.images(per_class), many = drawn.images(50);
      const auto fit = fit_head(few, {}, {});
      EXPECT_THAT(fit.path, testing::IsEmpty());
      EXPECT_EQ(fit.head.lambda, 0.1);
      head_right += accuracy(fit.head.logits(many.features), many.targets);
      const auto sums = torch::zeros({8, 200}).index_add_(0, few.targets, few.features);
      mean_right += accuracy(-torch::cdist(many.features, sums / per_class), many.targets);
    }
    EXPECT_GE(head_right / 5, mean_right / 5 - 0.01) << per_class << " a class";
    EXPECT_GT(head_right / 5, 0.3) << per_class << " a class";
  }
}

TEST(FitHead, ClassWeightsComeOnlyWithStrongImbalance) {
  const auto all = Drawn(2, 20, 0.25, 16).images(200);
  const auto fit = [&](int rare) {
    std::vector<std::int64_t> rows;
    for (int i = 0; i < 200; ++i) {
      rows.push_back(2 * i);
      if (i < rare) rows.push_back(2 * i + 1);
    }
    auto data = all;
    data.features = all.features.index_select(0, torch::tensor(rows));
    data.targets = all.targets.index_select(0, torch::tensor(rows));
    data.group.resize(rows.size());
    data.plain.resize(rows.size());
    return fit_head(data, {}, {});
  };
  EXPECT_FALSE(fit(20).balanced);  // exactly 10 times
  const auto weighted = fit(19);
  EXPECT_TRUE(weighted.balanced);
  const auto share_of_rare = [&](const HeadFit& f) {
    return f.head.logits(all.features).argmax(1).to(torch::kFloat64).mean().item<double>();
  };
  EXPECT_LT(share_of_rare(fit(20)), 0.25);
  EXPECT_GT(share_of_rare(weighted), 0.3);
}

TEST(FitHead, BlocksAreScaledApart) {
  const auto data = Drawn(3, 40, 0.6, 17).images(10);
  auto blocks = data;
  blocks.blocks = {30, 10};
  auto louder = blocks;
  louder.features = data.features.clone();
  louder.features.narrow(1, 30, 10).mul_(1000);
  EXPECT_LT(largest_difference(fit_head(blocks, {}, {}).head.logits(blocks.features),
                               fit_head(louder, {}, {}).head.logits(louder.features)),
            1e-2);
  const auto x = fit_head(louder, {}, {}).head;
  const auto scaled = (louder.features - x.mean) * x.scale;
  for (const auto& block : {scaled.narrow(1, 0, 30), scaled.narrow(1, 30, 10)}) {
    EXPECT_NEAR(block.square().mean().item<double>(), 1, 1e-3);
  }
}

TEST(FitHead, FeaturesThatAreNotFiniteAreAUserError) {
  for (const double bad : {kNan, std::numeric_limits<double>::infinity()}) {
    auto data = Drawn(3, 10, 1, 18).images(4);
    data.features[5][3] = bad;
    try {
      fit_head(data, folds(data, 2), {});
      FAIL() << "no error";
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kDiverged);
      EXPECT_THAT(error.what(), testing::HasSubstr("row 5"));
    }
  }
}

TEST(FitHead, WrongShapesAreRefused) {
  const auto good = Drawn(3, 10, 1, 19).images(4);
  auto data = good;
  data.targets = data.targets.narrow(0, 0, 11);
  EXPECT_THROW(fit_head(data, {}, {}), c10::ValueError);
  data = good;
  data.classes = 2;  // a target of 2 is out of range
  EXPECT_THROW(fit_head(data, {}, {}), c10::ValueError);
  data = good;
  data.blocks = {4, 4};
  EXPECT_THROW(fit_head(data, {}, {}), c10::ValueError);
  EXPECT_THROW(fit_head(good, {0, 1}, {}), c10::ValueError);
  EXPECT_THROW(fit_head(good, {}, with_lambdas({0})), c10::ValueError);
}

TEST(LinearHead, LogitsAreLinearInScaledFeatures) {
  LinearHead head;
  head.mean = torch::tensor({1.f, 2.f});
  head.scale = torch::tensor({2.f, 0.f});
  head.weight = torch::tensor({1.f, 5.f, -3.f, 5.f}).view({2, 2});
  head.bias = torch::tensor({0.5f, 0.f});
  const auto z = head.logits(torch::tensor({2.f, 100.f}).view({1, 2}));
  EXPECT_TRUE(torch::equal(z, torch::tensor({2.5f, -6.f}).view({1, 2})));
}

TEST(WithColumns, CutsFeaturesAndBlocks) {
  auto data = Drawn(2, 10, 1, 20).images(3);
  data.blocks = {4, 2, 4};
  const auto cut = with_columns(data, 3, 7);
  EXPECT_TRUE(torch::equal(cut.features, data.features.narrow(1, 3, 4)));
  EXPECT_THAT(cut.blocks, testing::ElementsAre(1, 2, 1));
  EXPECT_THROW(with_columns(data, 3, 11), c10::ValueError);
}

}  // namespace
}  // namespace preannotate
