#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "ops/best_places.h"
#include "ops/devices.h"
#include "preannotate/ops/decode_boxes.h"

namespace preannotate {
namespace {

/// The definition: list everything, sort, cut.
using Place = std::tuple<int64_t, float, int64_t, int64_t>;  // image, -score, cell, class

std::vector<Place> places_by_definition(const torch::Tensor& scores, float floor, int64_t limit) {
  const auto score = scores.accessor<float, 3>();
  std::vector<Place> chosen;
  for (int64_t i = 0; i < scores.size(0); ++i) {
    std::vector<Place> of_image;
    for (int64_t a = 0; a < scores.size(1); ++a) {
      for (int64_t c = 0; c < scores.size(2); ++c) {
        const float s = score[i][a][c];
        if (!std::isnan(s) && s >= floor) of_image.emplace_back(i, -s, a, c);
      }
    }
    std::sort(of_image.begin(), of_image.end());
    if (static_cast<int64_t>(of_image.size()) > limit) of_image.resize(limit);
    chosen.insert(chosen.end(), of_image.begin(), of_image.end());
  }
  return chosen;
}

std::vector<Place> places(const Candidates& c) {
  const auto boxes = c.boxes.cpu(), scores = c.scores.cpu(), classes = c.classes.cpu(),
             images = c.images.cpu();
  std::vector<Place> out;
  for (int64_t k = 0; k < images.size(0); ++k) {
    EXPECT_EQ(boxes[k][0].item<int64_t>(), images[k].item<int64_t>());
    out.emplace_back(images[k].item<int64_t>(), -scores[k].item<float>(),
                     boxes[k][1].item<int64_t>(), classes[k].item<int64_t>());
  }
  return out;
}

/// Points and distances of boxes that hold their own image and cell.
torch::Tensor marked_points(int64_t cells) {
  auto points = torch::zeros({cells, 3});
  points.select(1, 1) += torch::arange(cells);
  points.select(1, 2) += 1;
  return points;
}
torch::Tensor marked_distances(int64_t n, int64_t cells) {
  auto distances = torch::zeros({n, cells, 4});
  distances.select(2, 0) -= torch::arange(n).view({n, 1});
  return distances;
}

class CandidatesTest : public DeviceTest {
 protected:
  Candidates run(const torch::Tensor& scores, float floor, int64_t limit) {
    return decode_candidates(marked_distances(scores.size(0), scores.size(1)).to(GetParam()),
                             marked_points(scores.size(1)).to(GetParam()), scores.to(GetParam()),
                             floor, limit);
  }
};

TEST_P(CandidatesTest, AreThoseOfTheDefinition) {
  torch::manual_seed(2);
  for (const int64_t cells : {0, 1, 63, 64, 65, 1000}) {
    // Multiples of 0.05, so that scores tie and lie on the floor; every 20th or so undefined.
    auto scores = torch::randint(0, 21, {3, cells, 2}).to(torch::kFloat32) * 0.05f;
    scores.masked_fill_(torch::rand(scores.sizes()) < 0.05, NAN);
    for (const float floor : {0.0f, 13 * 0.05f, 1.5f}) {
      for (const int64_t limit : {0, 1, 100, 5000}) {
        const auto expected = places_by_definition(scores, floor, limit);
        EXPECT_EQ(places(run(scores, floor, limit)), expected)
            << "cells=" << cells << " floor=" << floor << " limit=" << limit;
      }
    }
  }
}

TEST_P(CandidatesTest, AScoreAtTheFloorIsKeptAndNaNNever) {
  const auto scores = torch::tensor({{{0.1f, NAN}, {std::nextafter(0.1f, 0.0f), 0.3f}}});
  EXPECT_EQ(places(run(scores, 0.1f, 10)),
            (std::vector<Place>{{0, -0.3f, 1, 1}, {0, -0.1f, 0, 0}}));
  EXPECT_EQ(places(run(scores, -INFINITY, 10)).size(), 3u);
}

TEST_P(CandidatesTest, NothingToChooseGivesEmptyTensorsOfTheirShape) {
  const auto none = run(torch::zeros({2, 5, 3}), 0.5f, 10);
  EXPECT_EQ(none.boxes.sizes(), (std::vector<int64_t>{0, 4}));
  EXPECT_EQ(none.scores.sizes(), (std::vector<int64_t>{0}));
  EXPECT_EQ(none.classes.scalar_type(), torch::kInt64);
  EXPECT_EQ(none.images.scalar_type(), torch::kInt64);
  EXPECT_EQ(run(torch::zeros({0, 5, 3}), 0.5f, 10).boxes.size(0), 0);
  EXPECT_EQ(run(torch::zeros({2, 5, 0}), 0.5f, 10).boxes.size(0), 0);
}

TEST_P(CandidatesTest, DecodedBoxesAreThoseOfDecodeBoxes) {
  torch::manual_seed(3);
  const auto distances = (torch::rand({2, 300, 4}) * 7).to(GetParam());
  const auto points = (torch::rand({300, 3}) * 600).to(GetParam());
  const auto scores = torch::rand({2, 300, 3});
  const auto all = decode_boxes(distances, points).cpu();
  const auto got = decode_candidates(distances, points, scores.to(GetParam()), 0.4f, 200);
  const auto expected = places_by_definition(scores, 0.4f, 200);
  ASSERT_EQ(got.boxes.size(0), static_cast<int64_t>(expected.size()));
  for (size_t k = 0; k < expected.size(); ++k) {
    const auto [image, minus_score, cell, category] = expected[k];
    const auto row = static_cast<int64_t>(k);
    EXPECT_TRUE(got.boxes[row].cpu().equal(all[image][cell])) << k;
    EXPECT_EQ(got.scores[row].item<float>(), -minus_score) << k;
    EXPECT_EQ(got.classes[row].item<int64_t>(), category) << k;
  }
}

/// What CUDA does beside its kernels, on the CPU.
TEST(BestPlaces, SortsChooseWhatImageByImageDoes) {
  torch::manual_seed(5);
  for (const int64_t cells : {1, 64, 1000}) {
    const auto scores = torch::randint(0, 21, {3, cells, 2}).to(torch::kFloat32) * 0.05f;
    for (const float floor : {0.0f, 0.6f, 1.5f}) {
      const auto places = (scores.flatten() >= floor).nonzero().flatten();
      for (const int64_t limit : {0, 1, 100, 5000}) {
        EXPECT_TRUE(ops::best_by_sorts(scores, places, limit)
                        .equal(ops::best_by_image(scores, places, limit)))
            << "cells=" << cells << " floor=" << floor << " limit=" << limit;
      }
    }
  }
}

TEST(CandidatesErrors, NameWhatTheyGot) {
  using testing::HasSubstr;
  const auto select = [](const torch::Tensor& distances, const torch::Tensor& scores,
                         int64_t limit) {
    return value_error([&] {
      decode_candidates(distances, torch::zeros({6, 3}), scores, 0.1f, limit);
    });
  };
  EXPECT_THAT(select(torch::zeros({6, 4}), torch::zeros({1, 6, 2}), 9), HasSubstr("[6, 4]"));
  EXPECT_THAT(select(torch::zeros({1, 6, 4}), torch::zeros({1, 5, 2}), 9), HasSubstr("[1, 5, 2]"));
  EXPECT_THAT(select(torch::zeros({1, 6, 4}), torch::zeros({1, 6, 2}), -1), HasSubstr("got -1"));
  EXPECT_THAT(value_error([] {
                decode_candidates(torch::zeros({1, 6, 4}), torch::zeros({6, 3}),
                                  torch::zeros({1, 5, 2}), 0.1f, 9);
              }),
              HasSubstr("decode_candidates: scores must be [N, A, C] with N, A = 1, 6, got"));
  EXPECT_THAT(value_error([] {
                decode_candidates(torch::zeros({1, 6, 4}), torch::zeros({5, 3}),
                                  torch::zeros({1, 6, 2}), 0.1f, 9);
              }),
              HasSubstr("decode_candidates: points must be [A, 3] with A = 6, got [5, 3]"));
}

INSTANTIATE_TEST_SUITE_P(Devices, CandidatesTest, kDevices, device_name);

}  // namespace
}  // namespace preannotate
