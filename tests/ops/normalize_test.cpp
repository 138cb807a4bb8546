#include "preannotate/ops/normalize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <vector>

#include "ops/devices.h"

namespace preannotate {
namespace {

constexpr std::array<float, 3> kMean{0.485f, 0.456f, 0.406f}, kStd{0.229f, 0.224f, 0.225f};

/// Every byte value in every channel, in an order without a period of 3.
torch::Tensor pixels_of(int64_t n, int64_t height, int64_t width) {
  auto pixels = torch::empty({n, height, width, 3}, torch::kUInt8);
  auto* byte = pixels.mutable_data_ptr<std::uint8_t>();
  for (int64_t i = 0; i < pixels.numel(); ++i) byte[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return pixels;
}

class NormalizeTest : public DeviceTest {};

TEST_P(NormalizeTest, GivesTheBitsOfItsDefinition) {
  const std::vector<std::array<int64_t, 3>> sizes{
      {1, 1, 1}, {1, 1, 63}, {1, 1, 64}, {2, 5, 13}, {1, 1, 65}, {3, 10, 100}, {1, 224, 224}};
  for (const auto& [n, height, width] : sizes) {
    const auto pixels = pixels_of(n, height, width);
    const auto values = normalize(pixels.to(GetParam()), kMean, kStd).cpu();
    ASSERT_EQ(values.sizes(), (std::vector<int64_t>{n, 3, height, width}));
    const auto* byte = pixels.const_data_ptr<std::uint8_t>();
    const auto* value = values.const_data_ptr<float>();  // channels last: same order as the bytes
    for (int64_t i = 0; i < pixels.numel(); ++i) {
      const float expected = (static_cast<float>(byte[i]) / 255.0f - kMean[i % 3]) / kStd[i % 3];
      ASSERT_EQ(value[i], expected) << "at " << i << " of " << pixels.sizes();
    }
  }
}

TEST_P(NormalizeTest, TheResultIsChannelsLast) {
  const auto values = normalize(pixels_of(2, 4, 6).to(GetParam()), kMean, kStd);
  EXPECT_TRUE(values.is_contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_EQ(values.scalar_type(), torch::kFloat32);
  EXPECT_EQ(values.device().type(), GetParam());
}

TEST_P(NormalizeTest, NoImagesGiveNoImages) {
  const auto values =
      normalize(torch::empty({0, 8, 8, 3}, torch::kUInt8).to(GetParam()), kMean, kStd);
  EXPECT_EQ(values.sizes(), (std::vector<int64_t>{0, 3, 8, 8}));
}

TEST(Normalize, AChannelsValueLandsInItsPlane) {
  auto pixels = torch::zeros({1, 2, 2, 3}, torch::kUInt8);
  pixels[0][1][0][2] = 255;  // blue, second row, first column
  const auto values = normalize(pixels, {0, 0, 0}, {1, 1, 1});
  EXPECT_EQ(values[0][2][1][0].item<float>(), 1.0f);
  EXPECT_EQ(values.sum().item<float>(), 1.0f);
}

TEST(NormalizeErrors, NameWhatTheyGot) {
  using testing::HasSubstr;
  const auto of = [](const torch::Tensor& pixels) {
    return value_error([&] { normalize(pixels, kMean, kStd); });
  };
  EXPECT_THAT(of(torch::zeros({1, 3, 4, 4}, torch::kUInt8)), HasSubstr("[1, 3, 4, 4]"));
  EXPECT_THAT(of(torch::zeros({1, 4, 4, 3})), HasSubstr("uint8"));
  EXPECT_THAT(of(torch::zeros({1, 3, 4, 4}, torch::kUInt8).permute({0, 2, 3, 1})),
              HasSubstr("contiguous"));
  EXPECT_THAT(value_error([] {
                normalize(torch::zeros({1, 1, 1, 3}, torch::kUInt8), kMean, {1, 0, 1});
              }),
              HasSubstr("std"));
}

INSTANTIATE_TEST_SUITE_P(Devices, NormalizeTest, kDevices, device_name);

}  // namespace
}  // namespace preannotate
