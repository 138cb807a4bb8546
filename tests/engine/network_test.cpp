#include "preannotate/engine/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/script.h>

namespace preannotate {
namespace {

using testing::HasSubstr;

constexpr std::array<float, 3> kMean{0.4f, 0.5f, 0.6f}, kStd{0.2f, 0.25f, 0.3f};

/// A network of TorchScript source that uses weights w0, w1, ... of the given shapes.
torch::jit::Module network(const std::vector<std::vector<std::int64_t>>& weights,
                           const std::string& forward) {
  torch::manual_seed(5);
  torch::jit::Module module("Network");
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto& shape = weights[i];
    const double inputs =
        shape.size() == 4 ? static_cast<double>(shape[1] * shape[2] * shape[3]) : 1;
    module.register_parameter("w" + std::to_string(i), torch::randn(shape) / std::sqrt(inputs),
                              false);
  }
  module.define("def forward(self, x):\n" + forward);
  module.eval();
  return module;
}

torch::Tensor pictures(std::int64_t n, std::int64_t height, std::int64_t width) {
  torch::manual_seed(9);
  return torch::randint(0, 256, {n, height, width, 3}, torch::kUInt8);
}

std::vector<torch::Tensor> wanted(torch::jit::Module& module, const torch::Tensor& pixels) {
  torch::NoGradGuard no_gradients;
  const auto of = [](const std::array<float, 3>& c) { return torch::tensor({c[0], c[1], c[2]}); };
  const auto x = (pixels.to(torch::kFloat32) / 255 - of(kMean)) / of(kStd);
  const auto outputs = module.forward({x.permute({0, 3, 1, 2})});
  if (outputs.isTensor()) return {outputs.toTensor()};
  std::vector<torch::Tensor> tensors;
  for (const auto& output : outputs.toTupleRef().elements()) tensors.push_back(output.toTensor());
  return tensors;
}

double most_apart(Precision precision) {
  return precision == Precision::kFp32 ? 1e-5 : precision == Precision::kBf16 ? 0.02 : 0.05;
}

/// What it was compiled to, after its outputs were found right in every precision.
std::string compiled(torch::jit::Module module, std::int64_t height = 32, std::int64_t width = 48) {
  const auto pixels = pictures(3, height, width);
  const auto expected = wanted(module, pixels);
  std::string description, why_not;
  ActivationRanges ranges;
  for (const auto& usable : usable_precisions()) {
    const auto network = CompiledNetwork::compile(module, usable.precision, why_not, ranges);
    if (!network) return why_not;
    if (usable.precision == Precision::kFp32) network->forward(pixels, kMean, kStd, &ranges);
    const auto found = network->forward(pixels, kMean, kStd);
    EXPECT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].sizes(), expected[i].sizes());
      EXPECT_EQ(found[i].scalar_type(), torch::kFloat32);
      const double apart = ((found[i] - expected[i]).norm() / expected[i].norm()).item<double>();
      EXPECT_LT(apart, most_apart(usable.precision)) << usable.instructions;
      if (!network->rows_are_independent()) continue;
      const auto alone = network->forward(pixels.slice(0, 1, 2).contiguous(), kMean, kStd)[i];
      EXPECT_TRUE(torch::equal(alone, found[i].slice(0, 1, 2))) << "depends on its neighbours";
    }
    if (description.empty()) description = network->description();
  }
  return description.substr(description.find(": ") + 2);
}

const std::string kBatchNorm =
    "  x = torch.batch_norm(x, self.w1, self.w2, self.w3, torch.exp(self.w4), False, 0.1, 1e-3,\n"
    "                       True)\n";

TEST(CompiledNetwork, FoldsBatchNormAndTheActivationIntoTheConvolution) {
  for (const std::string act :
       {"torch.relu(x)", "torch.relu6(x)", "torch.hardtanh(x, -0.5, 0.75)",
        "torch.clamp(x, None, 0.5)", "torch.silu(x)", "torch.hardswish(x)"}) {
    SCOPED_TRACE(act);
    EXPECT_EQ(compiled(network({{20, 3, 3, 3}, {20}, {20}, {20}, {20}},
                               "  x = torch.conv2d(x, self.w0, None, [2, 2], [1, 1])\n" +
                                   kBatchNorm + "  return " + act + "\n")),
              "1 convolution, 0 blocks, 0 operators of libtorch");
  }
}

TEST(CompiledNetwork, FoldsZerosThatTheGraphPadsByHand) {
  EXPECT_EQ(compiled(network({{8, 3, 3, 3}},
                             "  x = torch.constant_pad_nd(x, [0, 1, 2, 1])\n"
                             "  return torch.conv2d(x, self.w0, None, [2, 2])\n")),
            "1 convolution, 0 blocks, 0 operators of libtorch");
}

TEST(CompiledNetwork, JoinsAnInvertedResidualIntoABlock) {
  EXPECT_EQ(compiled(network({{16, 3, 3, 3}, {48, 16, 1, 1}, {48, 1, 5, 5}, {16, 48, 1, 1}},
                             "  x = torch.conv2d(x, self.w0, None, [2, 2], [1, 1])\n"
                             "  y = torch.relu(torch.conv2d(x, self.w1))\n"
                             "  y = torch.conv2d(y, self.w2, None, [1, 1], [2, 2], [1, 1], 48)\n"
                             "  y = torch.conv2d(torch.relu(y), self.w3)\n"
                             "  return x + y\n")),
            "1 convolution, 1 block, 0 operators of libtorch");
}

TEST(CompiledNetwork, AddsTheResidualOfABottleneckBeforeItsActivation) {
  EXPECT_EQ(compiled(network({{32, 3, 7, 7}, {8, 32, 1, 1}, {8, 8, 3, 3}, {32, 8, 1, 1}},
                             "  x = torch.conv2d(x, self.w0, None, [4, 4], [3, 3])\n"
                             "  y = torch.relu(torch.conv2d(x, self.w1))\n"
                             "  y = torch.relu(torch.conv2d(y, self.w2, None, [1, 1], [1, 1]))\n"
                             "  y = torch.conv2d(y, self.w3)\n"
                             "  y += x\n"
                             "  return torch.relu(y)\n")),
            "4 convolutions, 0 blocks, 0 operators of libtorch");
}

TEST(CompiledNetwork, ReturnsATupleOfMapsAndMeans) {
  const auto module = network({{24, 3, 8, 8}, {10, 24, 2, 2}},
                              "  a = torch.conv2d(x, self.w0, None, [8, 8])\n"
                              "  b = torch.conv2d(torch.relu(a), self.w1, None, [2, 2])\n"
                              "  return (b.mean([2, 3]), a, b)\n");
  // relu(a) is apart, since a itself is returned.
  EXPECT_EQ(compiled(module), "2 convolutions, 0 blocks, 1 operator of libtorch");
  std::string why_not;
  EXPECT_TRUE(CompiledNetwork::compile(module, Precision::kFp32, why_not)->returns_tuple());
}

TEST(CompiledNetwork, LeavesToLibtorchWhatItDoesNotKnow) {
  // Squeeze and excitation, a grouped convolution, a pooling, a flattening.
  EXPECT_EQ(compiled(network({{16, 3, 3, 3}, {16, 16, 1, 1}, {16, 4, 3, 3}},
                             "  x = torch.relu(torch.conv2d(x, self.w0, None, [2, 2], [1, 1]))\n"
                             "  s = torch.adaptive_avg_pool2d(x, [1, 1])\n"
                             "  x = x * torch.sigmoid(torch.conv2d(s, self.w1))\n"
                             "  x = torch.conv2d(x, self.w2, None, [1, 1], [1, 1], [1, 1], 4)\n"
                             "  x = torch.max_pool2d(x, [2, 2])\n"
                             "  return torch.flatten(x, 1)\n")),
            "2 convolutions, 0 blocks, 6 operators of libtorch");
}

TEST(CompiledNetwork, MakesListsOfTensorsAndOfNumbers) {
  EXPECT_EQ(compiled(network({{8, 3, 4, 4}, {8, 8, 1, 1}},
                             "  a = torch.conv2d(x, self.w0, None, [4, 4])\n"
                             "  b = torch.conv2d(a, self.w1)\n"
                             "  y = torch.cat([a, b], 1)\n"
                             "  return torch.reshape(y, [y.size(0), -1])\n")),
            "2 convolutions, 0 blocks, 5 operators of libtorch");
}

TEST(CompiledNetwork, AnOperatorThatWritesInPlaceIsSeenByLaterReaders) {
  compiled(network({{8, 3, 3, 3}, {8, 8, 1, 1}},
                   "  x = torch.conv2d(x, self.w0)\n"
                   "  y = torch.conv2d(torch.tanh_(x), self.w1)\n"
                   "  return y + x\n"));
}

TEST(CompiledNetwork, SaysWhyANetworkIsNotCompiled) {
  EXPECT_THAT(compiled(network({{8, 3, 3, 3}},
                               "  x = torch.conv2d(x, self.w0)\n"
                               "  if bool(x.sum() > 0):\n"
                               "    x = torch.relu(x)\n"
                               "  return x\n")),
              HasSubstr("control flow"));
  EXPECT_THAT(compiled(network({}, "  return x.mean([2, 3])\n")), HasSubstr("no convolution"));
}

TEST(CompiledNetwork, Int8WantsTheRangesOfThisNetwork) {
  if (usable_precisions().back().precision != Precision::kInt8) {
    GTEST_SKIP() << "this processor has no instructions for int8";
  }
  const auto module = network({{8, 3, 3, 3}}, "  return torch.conv2d(x, self.w0)\n");
  const auto other = network({{16, 3, 3, 3}}, "  return torch.conv2d(x, self.w0)\n");
  std::string why_not;
  EXPECT_FALSE(CompiledNetwork::compile(module, Precision::kInt8, why_not));
  EXPECT_THAT(why_not, HasSubstr("has not been calibrated"));
  ActivationRanges ranges;
  CompiledNetwork::compile(other, Precision::kFp32, why_not)
      ->forward(pictures(2, 8, 8), kMean, kStd, &ranges);
  EXPECT_FALSE(CompiledNetwork::compile(module, Precision::kInt8, why_not, ranges));
  EXPECT_THAT(why_not, HasSubstr("of another network"));
}

TEST(CompiledNetwork, RangesCoverTheActivationsOfEveryPass) {
  const auto module = network({{4, 3, 1, 1}}, "  return torch.conv2d(x, self.w0)\n");
  std::string why_not;
  const auto compiled = CompiledNetwork::compile(module, Precision::kFp32, why_not);
  ActivationRanges ranges;
  float low = 0, high = 0;
  for (const int value : {3, 200}) {
    const auto pixels = torch::full({1, 4, 4, 3}, value, torch::kUInt8);
    const auto channel = compiled->forward(pixels, kMean, kStd, &ranges)[0].select(1, 2);
    low = std::min(low, channel.min().item<float>());
    high = std::max(high, channel.max().item<float>());
  }
  std::vector<std::array<float, 2>> output;
  for (const auto& channels : ranges.ranges) {
    if (channels.size() == 4) output = channels;
  }
  ASSERT_EQ(output.size(), 4);
  EXPECT_FLOAT_EQ(output[2][0], low);
  EXPECT_FLOAT_EQ(output[2][1], high);
}

TEST(CompiledNetwork, ThrowsWhereAnotherOperatorReadsThePictureToo) {
  auto module = network({{3, 3, 3, 3}},
                        "  y = torch.tanh(x)\n"
                        "  return torch.conv2d(x, self.w0, None, [1, 1], [1, 1]) * y\n");
  std::string why_not;
  const auto network = CompiledNetwork::compile(module, Precision::kFp32, why_not);
  ASSERT_TRUE(network);
  EXPECT_THROW(network->forward(pictures(1, 8, 8), kMean, kStd), std::exception);
}

TEST(CompiledNetwork, RefusesPixelsOfAnotherKind) {
  auto module = network({{8, 3, 3, 3}}, "  return torch.conv2d(x, self.w0)\n");
  std::string why_not;
  const auto network = CompiledNetwork::compile(module, Precision::kFp32, why_not);
  EXPECT_THROW(network->forward(torch::rand({1, 8, 8, 3}), kMean, kStd), std::exception);
  EXPECT_THROW(network->forward(pictures(1, 2, 2), kMean, kStd), std::exception);  // too small
}

}  // namespace
}  // namespace preannotate
