#include "preannotate/engine/layer.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace preannotate {
namespace {

LayerWeights random_weights(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return {kernel > 0 ? torch::randn({kernel * kernel, in}) / 5 : torch::Tensor(),
          torch::randn({out, in}) / 4, torch::rand({out}) + 0.5, torch::randn({out})};
}

/// In double, from the operators of libtorch.
torch::Tensor definition(const LayerWeights& w, const torch::Tensor& x) {
  auto d = x.to(torch::kFloat64);
  if (w.depthwise.defined()) {
    const auto in = x.size(3), side = std::lround(std::sqrt(w.depthwise.size(0)));
    const auto filters = w.depthwise.to(torch::kFloat64).t().reshape({in, 1, side, side});
    d = torch::conv2d(d.permute({0, 3, 1, 2}), filters, {}, 1, side / 2, 1, in)
            .permute({0, 2, 3, 1});
  }
  const auto z = torch::linear(d, w.pointwise.to(torch::kFloat64)) * w.scale + w.offset;
  return z * z.sigmoid();
}

TEST(PackedLayer, IsItsDefinition) {
  torch::manual_seed(7);
  const auto check = [](std::int64_t in, std::int64_t out, std::int64_t kernel,
                        torch::IntArrayRef sizes) {
    const auto weights = random_weights(in, out, kernel);
    const auto x = torch::randn(sizes);
    const auto found = PackedLayer(weights).forward(x);
    const auto wanted = definition(weights, x).to(torch::kFloat32);
    ASSERT_EQ(found.sizes(), wanted.sizes());
    EXPECT_TRUE(torch::allclose(found, wanted, 1e-4, 1e-4))
        << in << " to " << out << ", kernel " << kernel << ", " << sizes << ": off by "
        << (found - wanted).abs().max().item<float>();
  };
  check(16, 16, 5, {1, 1, 1, 16});
  check(64, 64, 5, {2, 60, 80, 64});
  check(64, 64, 5, {3, 7, 5, 64});
  check(48, 32, 3, {2, 15, 20, 48});
  check(40, 64, 0, {1, 60, 80, 40});  // 40: no multiple of the kernels' 16
  check(13, 16, 0, {2, 3, 1, 13});
  check(320, 64, 0, {2, 15, 20, 320});
  check(64, 64, 5, {0, 6, 6, 64});
}

TEST(PackedLayer, AnImageDoesNotDependOnTheOthers) {
  torch::manual_seed(8);
  const PackedLayer layer(random_weights(32, 32, 5));
  const auto x = torch::randn({4, 9, 11, 32});
  const auto all = layer.forward(x);
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(torch::equal(layer.forward(x.slice(0, i, i + 1)), all.slice(0, i, i + 1)));
  }
}

TEST(PackedLayer, OtherShapesAreRefused) {
  const auto weights = random_weights(32, 32, 5);
  for (int i = 0; i < 5; ++i) {
    auto wrong = weights;
    if (i == 0) wrong.pointwise = torch::zeros({24, 32});
    if (i == 1) wrong.pointwise = torch::zeros({32, 16});
    if (i == 2) wrong.depthwise = torch::zeros({16, 32});
    if (i == 3) wrong.scale = torch::zeros({31});
    if (i == 4) wrong.depthwise = torch::zeros({24, 32});
    EXPECT_THROW(PackedLayer{wrong}, c10::ValueError) << i;
  }
  const PackedLayer layer(weights);
  EXPECT_THROW(layer.forward(torch::zeros({1, 4, 4, 16})), c10::ValueError);
  EXPECT_THROW(layer.forward(torch::zeros({4, 4, 32})), c10::ValueError);
  EXPECT_THROW(layer.forward(torch::zeros({1, 32, 4, 4}).permute({0, 2, 3, 1})), c10::ValueError);
  EXPECT_THROW(layer.forward(torch::zeros({1, 4, 4, 32}, torch::kFloat64)), c10::ValueError);
}

}  // namespace
}  // namespace preannotate
