#include "model/device_lane.h"

#include <gtest/gtest.h>
#include <torch/script.h>

#include <cmath>

#include "ops/devices.h"

namespace preannotate {
namespace {

constexpr int kSide = 24;

/// A convolution with BatchNorm and its mean, as a backbone is exported.
torch::jit::Module small_network() {
  torch::jit::Module module("small");
  torch::manual_seed(3);
  module.register_parameter("weight", torch::randn({8, 3, 3, 3}), false);
  module.register_parameter("gain", torch::rand({8}) + 0.5, false);
  module.register_parameter("shift", torch::randn({8}), false);
  module.register_buffer("running_mean", torch::randn({8}));
  module.register_buffer("running_var", torch::rand({8}) + 0.5);
  module.define(
      "def forward(self, x):\n"
      "  y = torch.conv2d(x, self.weight, None, [2, 2], [1, 1])\n"
      "  y = torch.batch_norm(y, self.gain, self.shift, self.running_mean, self.running_var,\n"
      "                       False, 0.1, 1e-3, True)\n"
      "  return torch.hardtanh(y, 0.0, 6.0)\n");
  module.eval();
  return module;
}

BackboneInfo small_info() {
  BackboneInfo info;
  info.name = "small";
  info.mean = {0.4f, 0.5f, 0.6f};
  info.std = {0.2f, 0.25f, 0.3f};
  return info;
}

LoadedImage picture(int width, int height, int seed) {
  LoadedImage image;
  image.picture = {width, height, std::vector<std::uint8_t>(size_t{3} * width * height)};
  for (size_t i = 0; i < image.picture.rgb.size(); ++i) {
    image.picture.rgb[i] = static_cast<std::uint8_t>(128 + 100 * std::sin(0.013 * i * (seed + 1)));
  }
  return image;
}

/// What the lane must give: the views as the CPU renders them, through the module as it is.
std::vector<float> wanted(torch::jit::Module module, const LoadedImage& image,
                          const LaneOptions& options) {
  std::vector<float> features;
  const auto info = small_info();
  for (const View& view : options.views) {
    auto pixels = torch::empty({kSide, kSide, 3}, torch::kUInt8);
    render_view(image.picture, view, kSide, options.resize, pixels.data_ptr<std::uint8_t>());
    const auto mean = torch::tensor({info.mean[0], info.mean[1], info.mean[2]});
    const auto std = torch::tensor({info.std[0], info.std[1], info.std[2]});
    const auto values = (pixels / 255.0 - mean) / std;
    const auto row = module.forward({values.permute({2, 0, 1}).unsqueeze(0)})
                         .toTensor()
                         .mean({2, 3})
                         .contiguous();
    features.insert(features.end(), row.data_ptr<float>(), row.data_ptr<float>() + row.numel());
  }
  return features;
}

void expect_near(const std::vector<float>& found, const std::vector<float>& wanted, float apart) {
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], wanted[i], apart) << i;
}

LaneOptions lane_options(int batch, const char* views = "none") {
  LaneOptions options;
  options.views = views_named(views);
  options.side = kSide;
  options.batch = batch;
  return options;
}

class DeviceLaneTest : public DeviceTest {
 protected:
  DeviceNetwork network(Precision precision = Precision::kFp32) const {
    return {small_network(), small_info(),
            c10::Device(GetParam(), GetParam() == torch::kCPU ? -1 : 0), precision};
  }
};

TEST_P(DeviceLaneTest, GivesWhatTheNetworkSaysOfEachView) {
  const auto device = network();
  for (const auto resize : {Resize::kSquash, Resize::kCrop, Resize::kLetterbox}) {
    auto options = lane_options(3, "light");
    options.resize = resize;
    DeviceLane lane(device, options);
    const std::vector<LoadedImage> group{picture(70, 40, 1), picture(24, 24, 2), picture(9, 61, 3)};
    lane.begin(group);
    const auto found = lane.finish();
    ASSERT_EQ(found.size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      expect_near(found[i], wanted(small_network(), group[i], options), 1e-4f);
    }
  }
}

TEST_P(DeviceLaneTest, TakesViewsThatWereRendered) {
  const auto device = network();
  const auto options = lane_options(2, "strong");
  DeviceLane lane(device, options);
  auto image = picture(50, 40, 1);
  const auto right = wanted(small_network(), image, options);
  for (const View& view : options.views) {
    std::vector<std::uint8_t> pixels(size_t{3} * kSide * kSide);
    render_view(image.picture, view, kSide, options.resize, pixels.data());
    image.views.insert(image.views.end(), pixels.begin(), pixels.end());
  }
  image.picture = {};
  lane.begin({image});
  expect_near(lane.finish().at(0), right, 1e-4f);
}

TEST_P(DeviceLaneTest, TwoGroupsAreInFlight) {
  const auto device = network();
  const auto options = lane_options(2);
  DeviceLane lane(device, options);
  std::vector<std::vector<LoadedImage>> groups;
  for (int g = 0; g < 5; ++g)
    groups.push_back({picture(30 + 9 * g, 40, g), picture(31, 33, g + 9)});
  const auto expect_group = [&](size_t g) {
    const auto found = lane.finish();
    for (size_t i = 0; i < 2; ++i) {
      expect_near(found.at(i), wanted(small_network(), groups[g][i], options), 1e-4f);
    }
  };
  lane.begin(groups[0]);
  for (size_t g = 1; g < groups.size(); ++g) {
    lane.begin(groups[g]);
    expect_group(g - 1);
  }
  expect_group(4);
}

TEST_P(DeviceLaneTest, AnImageWithoutPixelsChangesNoOther) {
  const auto device = network();
  const auto options = lane_options(4);
  DeviceLane lane(device, options);
  const std::vector<LoadedImage> group{picture(40, 30, 1), LoadedImage(), picture(20, 50, 2)};
  lane.begin(group);
  const auto found = lane.finish();
  ASSERT_EQ(found.size(), 3u);
  expect_near(found[0], wanted(small_network(), group[0], options), 1e-4f);
  EXPECT_TRUE(found[1].empty());
  expect_near(found[2], wanted(small_network(), group[2], options), 1e-4f);

  lane.begin({LoadedImage(), LoadedImage()});
  EXPECT_EQ(lane.finish(), (std::vector<std::vector<float>>(2)));
  lane.begin({});
  EXPECT_TRUE(lane.finish().empty());
}

TEST_P(DeviceLaneTest, HalvesItsPassesWhenTheDeviceIsShortOfMemory) {
  const auto device = network();
  auto options = lane_options(7);
  std::vector<std::int64_t> told;
  options.short_of_memory = [&](std::int64_t views) { told.push_back(views); };
  DeviceLane lane(device, options);
  EXPECT_EQ(lane.rows(), 7);
  std::vector<LoadedImage> group;
  for (int i = 0; i < 7; ++i) group.push_back(picture(30 + i, 50 - 3 * i, i));
  lane.begin(group);
  lane.refuse_above(3);
  lane.begin(group);
  EXPECT_EQ(lane.rows(), 2);
  EXPECT_EQ(told, (std::vector<std::int64_t>{4, 2}));
  for (int turn = 0; turn < 2; ++turn) {
    const auto found = lane.finish();
    for (size_t i = 0; i < group.size(); ++i) {
      expect_near(found[i], wanted(small_network(), group[i], options), 1e-4f);
    }
  }
  lane.refuse_above(0);
  std::string said;
  try {
    lane.begin(group);
  } catch (const std::exception& error) {
    said = error.what();
  }
  EXPECT_TRUE(said.find("has no memory for one image") != std::string::npos) << said;
}

TEST_P(DeviceLaneTest, Bf16IsNearFp32) {
  const auto device = network(Precision::kBf16);
  EXPECT_EQ(device.dtype(), torch::kBFloat16);
  const auto options = lane_options(2);
  DeviceLane lane(device, options);
  const std::vector<LoadedImage> group{picture(70, 40, 1), picture(24, 24, 2)};
  lane.begin(group);
  const auto found = lane.finish();
  for (size_t i = 0; i < 2; ++i) {
    expect_near(found[i], wanted(small_network(), group[i], options), 0.05f);
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, DeviceLaneTest, kDevices, device_name);

}  // namespace
}  // namespace preannotate
