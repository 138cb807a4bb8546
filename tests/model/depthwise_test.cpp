#include "model/depthwise.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace preannotate {
namespace {

/// libtorch's operator in double precision.
torch::Tensor convolution(const torch::Tensor& x, const torch::Tensor& weight) {
  const auto c = x.size(3);
  return torch::conv2d(x.to(torch::kFloat64).permute({0, 3, 1, 2}),
                       weight.to(torch::kFloat64).t().reshape({c, 1, 5, 5}), {}, 1, 2, 1, c)
      .permute({0, 2, 3, 1});
}

/// The output, and the gradients for x and weight of its sum weighted by `wanted`.
template <class Operator>
std::vector<torch::Tensor> with_gradients(Operator apply, const torch::Tensor& x,
                                          const torch::Tensor& weight,
                                          const torch::Tensor& wanted) {
  const auto x_leaf = x.clone().requires_grad_(), weight_leaf = weight.clone().requires_grad_();
  const auto y = apply(x_leaf, weight_leaf);
  (y * wanted).sum().backward();
  return {y.detach(), x_leaf.grad(), weight_leaf.grad()};
}

void expect_agreement(torch::IntArrayRef sizes) {
  SCOPED_TRACE(testing::Message() << sizes);
  const auto x = torch::randn(sizes), weight = torch::randn({25, sizes[3]});
  const auto wanted = torch::randn(sizes);
  const auto found = with_gradients(depthwise_5x5, x, weight, wanted);
  const auto expected = with_gradients(convolution, x, weight, wanted);
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_EQ(found[i].sizes(), expected[i].sizes()) << i;
    EXPECT_TRUE(
        torch::allclose(found[i].to(torch::kFloat64), expected[i].to(torch::kFloat64), 1e-4, 1e-4))
        << "0 output, 1 gradient for x, 2 for weight: " << i;
  }
}

TEST(Depthwise, IsTheConvolutionAtEveryWidthTo9) {
  torch::manual_seed(1);
  for (const int height : {1, 2, 5}) {
    for (int width = 1; width <= 9; ++width) expect_agreement({2, height, width, 16});
  }
}

TEST(Depthwise, IsTheConvolutionOnOddSizesWithManyChannels) {
  torch::manual_seed(2);
  expect_agreement({3, 13, 7, 64});
  expect_agreement({1, 17, 23, 48});
}

TEST(Depthwise, IsTheConvolutionOfOneCell) {
  torch::manual_seed(3);
  for (const int channels : {8, 16, 64}) expect_agreement({1, 1, 1, channels});
}

TEST(Depthwise, IsTheConvolutionWhereItsKernelsDoNotFit) {
  torch::manual_seed(4);
  for (const int width : {1, 4, 9}) expect_agreement({2, 3, width, 8});
}

TEST(Depthwise, ReadsTensorsThatLieOtherwiseInMemory) {
  torch::manual_seed(5);
  const auto x = torch::randn({2, 16, 6, 5}).permute({0, 2, 3, 1});
  const auto weight = torch::randn({16, 25}).t();
  EXPECT_TRUE(torch::allclose(depthwise_5x5(x, weight).to(torch::kFloat64), convolution(x, weight),
                              1e-4, 1e-4));
}

TEST(Depthwise, ZeroImagesGiveZeroImages) {
  EXPECT_EQ(depthwise_5x5(torch::zeros({0, 4, 4, 16}), torch::zeros({25, 16})).size(0), 0);
}

TEST(Depthwise, AWeightForOtherChannelsIsRefused) {
  EXPECT_ANY_THROW(depthwise_5x5(torch::zeros({1, 4, 4, 16}), torch::zeros({25, 32})));
  EXPECT_ANY_THROW(depthwise_5x5(torch::zeros({1, 4, 4, 16}), torch::zeros({9, 16})));
}

}  // namespace
}  // namespace preannotate
