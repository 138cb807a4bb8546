#include "preannotate/ops/decode_boxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "ops/devices.h"

namespace preannotate {
namespace {

class DecodeBoxesTest : public DeviceTest {};

TEST_P(DecodeBoxesTest, GivesTheBitsOfItsDefinition) {
  torch::manual_seed(1);
  for (const int64_t n : {0, 1, 3}) {
    for (const int64_t cells : {0, 1, 63, 64, 65, 1000}) {
      const auto distances = torch::rand({n, cells, 4}) * 7;
      const auto points = torch::rand({cells, 3}) * 600;
      const auto boxes = decode_boxes(distances.to(GetParam()), points.to(GetParam())).cpu();
      ASSERT_EQ(boxes.sizes(), distances.sizes());
      const auto d = distances.accessor<float, 3>(), b = boxes.accessor<float, 3>();
      const auto p = points.accessor<float, 2>();
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t a = 0; a < cells; ++a) {
          for (int64_t side = 0; side < 4; ++side) {
            const float away = d[i][a][side] * p[a][2];
            const float centre = p[a][side % 2];
            ASSERT_EQ(b[i][a][side], side < 2 ? centre - away : centre + away)
                << "image " << i << " cell " << a << " of " << cells << " side " << side;
          }
        }
      }
    }
  }
}

TEST_P(DecodeBoxesTest, TakesATransposedHeadOutput) {
  const auto distances = torch::arange(24.f).view({1, 4, 6}).to(GetParam());
  const auto points = torch::ones({6, 3}).to(GetParam());
  const auto turned = distances.transpose(1, 2);
  EXPECT_TRUE(decode_boxes(turned, points).equal(decode_boxes(turned.contiguous(), points)));
}

TEST(DecodeBoxes, DistancesAreInStridesFromTheCentre) {
  const auto boxes =
      decode_boxes(torch::tensor({{{1.f, 2.f, 3.f, 0.5f}}}), torch::tensor({{20.f, 36.f, 8.f}}));
  EXPECT_TRUE(boxes.equal(torch::tensor({{{12.f, 20.f, 44.f, 40.f}}})));
}

TEST(DecodeBoxesErrors, NameWhatTheyGot) {
  using testing::HasSubstr;
  const auto decode = [](const torch::Tensor& distances, const torch::Tensor& points) {
    return value_error([&] { decode_boxes(distances, points); });
  };
  EXPECT_THAT(decode(torch::zeros({2, 4, 6}), torch::zeros({6, 3})), HasSubstr("[2, 4, 6]"));
  EXPECT_THAT(decode(torch::zeros({2, 6, 4}), torch::zeros({5, 3})),
              HasSubstr("A = 6, got [5, 3]"));
  EXPECT_THAT(decode(torch::zeros({2, 6, 4}, torch::kFloat64), torch::zeros({6, 3})),
              HasSubstr("Double and Float"));
}

INSTANTIATE_TEST_SUITE_P(Devices, DecodeBoxesTest, kDevices, device_name);

}  // namespace
}  // namespace preannotate
