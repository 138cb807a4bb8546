#include "model/norm_silu.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace preannotate {
namespace {

/// What the layer learns and keeps, in the precision of `x`.
struct Layer {
  torch::Tensor x, gain, shift, mean, var;
};

Layer random_layer(torch::IntArrayRef sizes) {
  const auto c = sizes[3];
  return {torch::randn(sizes) * 3 + torch::randn({c}) * 5, torch::rand({c}) + 0.5,
          torch::randn({c}), torch::randn({c}), torch::rand({c}) + 0.5};
}

Layer in_double(const Layer& layer) {
  const auto d = [](const torch::Tensor& t) { return t.to(torch::kFloat64); };
  return {d(layer.x), d(layer.gain), d(layer.shift), d(layer.mean), d(layer.var)};
}

/// Ioffe and Szegedy's formula, then z * sigmoid(z).
torch::Tensor definition(Layer& layer, bool training) {
  auto mean = layer.mean, var = layer.var;
  if (training) {
    torch::NoGradGuard no_gradients;
    const auto rows = layer.x.flatten(0, 2);
    layer.mean = 0.9 * layer.mean + 0.1 * rows.mean(0);
    layer.var = 0.9 * layer.var + 0.1 * rows.var(0, /*unbiased=*/true);
  }
  if (training) {
    const auto rows = layer.x.flatten(0, 2);
    mean = rows.mean(0);
    var = rows.var(0, /*unbiased=*/false);
  }
  const auto z = layer.gain * (layer.x - mean) / (var + 1e-3).sqrt() + layer.shift;
  return z * z.sigmoid();
}

torch::Tensor operation(Layer& layer, bool training) {
  return norm_silu(layer.x, layer.gain, layer.shift, layer.mean, layer.var, training);
}

/// y, the gradients of a weighted sum of it for x, gain and shift, and the statistics afterwards.
template <class Operation>
std::vector<torch::Tensor> all_of(Operation apply, Layer layer, const torch::Tensor& wanted,
                                  bool training) {
  for (auto* tensor : {&layer.x, &layer.gain, &layer.shift}) {
    *tensor = tensor->clone().requires_grad_();
  }
  layer.mean = layer.mean.clone();
  layer.var = layer.var.clone();
  const auto y = apply(layer, training);
  (y * wanted).sum().backward();
  return {y.detach(), layer.x.grad(), layer.gain.grad(), layer.shift.grad(), layer.mean, layer.var};
}

void expect_definition(torch::IntArrayRef sizes, bool training) {
  SCOPED_TRACE(testing::Message() << sizes << (training ? ", training" : ""));
  const Layer layer = random_layer(sizes);
  const auto wanted = torch::randn(sizes);
  const auto found = all_of(operation, layer, wanted, training);
  const auto expected = all_of(definition, in_double(layer), wanted, training);
  const char* names[]{"y", "d x", "d gain", "d shift", "running mean", "running variance"};
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(torch::allclose(found[i].to(torch::kFloat64), expected[i], 1e-4, 1e-4))
        << names[i] << ", off by "
        << (found[i].to(torch::kFloat64) - expected[i]).abs().max().item<double>();
  }
}

TEST(NormSilu, IsItsDefinitionInTraining) {
  torch::manual_seed(1);
  expect_definition({2, 3, 5, 8}, true);
  expect_definition({4, 12, 16, 64}, true);
  expect_definition({1, 13, 5, 24}, true);  // 65 rows: one beyond what is summed at once
  expect_definition({1, 1, 2, 16}, true);
}

TEST(NormSilu, IsItsDefinitionWithFixedStatistics) {
  torch::manual_seed(2);
  expect_definition({2, 3, 5, 8}, false);
  Layer layer = random_layer({3, 4, 5, 64});
  torch::NoGradGuard no_gradients;  // as in prediction
  Layer precise = in_double(layer);
  EXPECT_TRUE(torch::allclose(operation(layer, false).to(torch::kFloat64),
                              definition(precise, false), 1e-5, 1e-5));
}

TEST(NormSilu, IsItsDefinitionWhereItsKernelsDoNotFit) {
  torch::manual_seed(3);
  expect_definition({2, 3, 5, 6}, true);
}

TEST(NormSilu, KeepsItsPrecisionFarFromZero) {
  torch::manual_seed(4);
  Layer layer = random_layer({2, 16, 16, 8});
  layer.x = torch::randn({2, 16, 16, 8}) + 1000;
  layer.mean = torch::full({8}, 999.0);
  Layer precise = in_double(layer);
  EXPECT_TRUE(torch::allclose(operation(layer, true).to(torch::kFloat64), definition(precise, true),
                              1e-3, 1e-3));
}

TEST(NormSilu, StaysFiniteForWildValues) {
  const auto x = torch::tensor({-1e6f, -100.0f, -20.0f, 0.0f, 20.0f, 100.0f, 1e6f, 3e38f})
                     .view({1, 1, 1, 8})
                     .expand({1, 1, 2, 8})
                     .contiguous();
  const auto one = torch::ones({8}), zero = torch::zeros({8});
  torch::NoGradGuard no_gradients;
  const auto y = norm_silu(x, one, zero, zero.clone(), one.clone(), false);
  EXPECT_TRUE(y.isfinite().all().item<bool>());
  EXPECT_NEAR(y[0][0][0][0].item<double>(), 0, 1e-6);
  EXPECT_NEAR(y[0][0][0][5].item<double>(), 100 / std::sqrt(1.001), 1e-3);
}

TEST(NormSilu, ReadsTensorsThatLieOtherwiseInMemory) {
  torch::manual_seed(5);
  Layer layer = random_layer({2, 4, 5, 16});
  const auto plain = operation(layer, false);
  layer.x = layer.x.permute({0, 3, 1, 2}).contiguous().permute({0, 2, 3, 1});
  EXPECT_TRUE(torch::equal(operation(layer, false), plain));
}

}  // namespace
}  // namespace preannotate
