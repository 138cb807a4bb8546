#include "preannotate/ops/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <random>
#include <vector>

#include "image/light.h"
#include "image/resize.h"
#include "ops/devices.h"

namespace preannotate {
namespace {

PreprocessOptions options_of(int height, int width, torch::ScalarType dtype = torch::kFloat32) {
  return {height, width, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}, dtype};
}

/// Pictures of noise in one buffer, with gaps between rows and pictures.
struct Batch {
  std::vector<std::uint8_t> bytes;
  std::vector<PicturePlace> places;

  torch::Tensor tensor() const {
    return torch::from_blob(const_cast<std::uint8_t*>(bytes.data()),
                            static_cast<int64_t>(bytes.size()), torch::kUInt8)
        .clone();
  }

  /// A picture that is shown whole on the whole canvas.
  PicturePlace& add(int width, int height, const PreprocessOptions& canvas) {
    std::mt19937 random(static_cast<unsigned>(bytes.size()));
    PicturePlace place{static_cast<int64_t>(bytes.size()) + 5,
                       3 * width + static_cast<int64_t>(random() % 4),
                       width,
                       height,
                       0,
                       0,
                       double(width),
                       double(height),
                       0,
                       0,
                       canvas.width,
                       canvas.height};
    bytes.resize(static_cast<size_t>(place.offset + place.stride * height));
    for (auto i = static_cast<size_t>(place.offset); i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(random());
    }
    places.push_back(place);
    return places.back();
  }
};

/// The canvas that the image module draws: [height, width, 3] bytes.
std::vector<std::uint8_t> canvas_by_image_module(const Batch& batch, const PicturePlace& place,
                                                 const PreprocessOptions& options) {
  Picture picture{place.width, place.height, {}};
  for (int y = 0; y < place.height; ++y) {
    const auto row = batch.bytes.begin() + place.offset + place.stride * y;
    picture.rgb.insert(picture.rgb.end(), row, row + 3 * place.width);
  }
  std::vector<std::uint8_t> canvas(size_t{3} * options.width * options.height, image::kGrey);
  if (place.target_width == 0 || place.target_height == 0) return canvas;
  const int64_t stride = int64_t{3} * options.width;
  image::resize(picture, {place.x, place.y, place.w, place.h}, place.flip,
                {canvas.data() + stride * place.top + 3 * place.left, place.target_width,
                 place.target_height, stride});
  return canvas;
}

/// The definition: the image module's bytes, normalised one by one, then rounded.
torch::Tensor definition_of(const Batch& batch, const PreprocessOptions& options) {
  const auto n = static_cast<int64_t>(batch.places.size());
  auto values = torch::empty({n, options.height, options.width, 3});
  auto* value = values.mutable_data_ptr<float>();
  for (const auto& place : batch.places) {
    size_t i = 0;
    for (const auto byte : canvas_by_image_module(batch, place, options)) {
      *value++ = (static_cast<float>(byte) / 255.0f - options.mean[i % 3]) / options.std[i % 3];
      ++i;
    }
  }
  return values.to(options.dtype);
}

class PreprocessTest : public DeviceTest {
 protected:
  torch::Tensor run(const Batch& batch, const PreprocessOptions& options) {
    return preprocess(batch.tensor().to(GetParam()), batch.places, options).cpu();
  }
  void expect_definition(const Batch& batch, const PreprocessOptions& options) {
    const auto got = run(batch, options), expected = definition_of(batch, options);
    ASSERT_EQ(got.sizes(), expected.sizes());
    EXPECT_EQ(got.scalar_type(), options.dtype);
    EXPECT_TRUE(got.equal(expected)) << "canvas " << options.width << " x " << options.height;
  }
};

TEST_P(PreprocessTest, ShowsWhatTheImageModuleShows) {
  for (const int width : {1, 63, 64, 65, 1000}) {
    for (const int height : {1, 7, 64}) {
      const auto options = options_of(height, width);
      Batch batch;
      batch.add(200, 150, options);
      batch.add(31, 400, options);
      batch.add(width, height, options);
      batch.add(2, 3, options).flip = true;
      batch.add(1, 1, options);
      expect_definition(batch, options);
    }
  }
}

TEST_P(PreprocessTest, EveryPrecisionIsTheRoundedFloat) {
  for (const auto dtype : {torch::kFloat32, torch::kFloat16, torch::kBFloat16}) {
    const auto options = options_of(33, 65, dtype);
    Batch batch;
    batch.add(128, 96, options);
    batch.add(20, 20, options).flip = true;
    expect_definition(batch, options);
  }
}

TEST_P(PreprocessTest, ShowsPartsOfPicturesInPartsOfTheCanvas) {
  std::mt19937 random(1);
  const auto below = [&](int limit) { return static_cast<int>(random() % unsigned(limit)); };
  const auto options = options_of(50, 70);
  Batch batch;
  for (int i = 0; i < 65; ++i) {
    auto& place = batch.add(1 + below(300), 1 + below(300), options);
    place.x = below(place.width) + below(100) / 100.0 - 0.5;  // also a little outside
    place.y = below(place.height) + below(100) / 100.0 - 0.5;
    place.w = (1 + below(100)) / 100.0 * place.width;
    place.h = (1 + below(100)) / 100.0 * place.height;
    place.left = below(70);
    place.top = below(50);
    place.target_width = below(71 - place.left);  // 0 too
    place.target_height = below(51 - place.top);
    place.flip = i % 2 != 0;
  }
  expect_definition(batch, options);
}

TEST_P(PreprocessTest, NoPicturesGiveNoValues) {
  const auto values = preprocess(torch::empty({0}, torch::kUInt8).to(GetParam()), {},
                                 options_of(8, 9, torch::kFloat16));
  EXPECT_EQ(values.sizes(), (std::vector<int64_t>{0, 8, 9, 3}));
  EXPECT_EQ(values.scalar_type(), torch::kFloat16);
}

/// Bytes shown as they are: mean 0, std 1 / 255.
std::vector<int> bytes_shown(std::vector<std::uint8_t> bytes, PicturePlace place, int height,
                             int width) {
  const Batch batch{std::move(bytes), {place}};
  const float std = 1 / 255.0f;
  const auto values = preprocess(batch.tensor(), batch.places,
                                 {height, width, {0, 0, 0}, {std, std, std}, torch::kFloat32})
                          .round()
                          .to(torch::kInt32)
                          .contiguous();
  const auto* value = values.const_data_ptr<int>();
  return {value, value + values.numel()};
}

TEST(Preprocess, FourPixelsThatBecomeOneAreAveraged) {
  const PicturePlace place{0, 6, 2, 2, 0, 0, 2, 2, 0, 0, 1, 1};
  EXPECT_EQ(bytes_shown({1, 10, 0, 2, 20, 0, 3, 30, 0, 4, 40, 1}, place, 1, 1),
            (std::vector<int>{3, 25, 0}));  // 2.5 and 0.25 rounded
}

TEST(Preprocess, TwoPixelsThatBecomeFourAreBlended) {
  const PicturePlace place{0, 6, 2, 1, 0, 0, 2, 1, 0, 0, 4, 1};
  EXPECT_EQ(bytes_shown({0, 100, 8, 200, 100, 0}, place, 1, 4),
            (std::vector<int>{0, 100, 8, 50, 100, 6, 150, 100, 2, 200, 100, 0}));
}

TEST(Preprocess, WhatIsBesideThePictureIsGreyAndAFlipStaysInItsRectangle) {
  PicturePlace place{0, 6, 2, 1, 0, 0, 2, 1, 1, 0, 2, 1};
  place.flip = true;
  EXPECT_EQ(bytes_shown({1, 2, 3, 4, 5, 6}, place, 1, 4),
            (std::vector<int>{127, 127, 127, 4, 5, 6, 1, 2, 3, 127, 127, 127}));
}

TEST(PreprocessErrors, NameWhatTheyGot) {
  using testing::HasSubstr;
  const auto bytes = torch::zeros({100}, torch::kUInt8);
  const PicturePlace good{4, 12, 4, 8, 0, 0, 4, 8, 0, 0, 6, 6};
  const auto of = [&](const torch::Tensor& in, auto change_place, PreprocessOptions options) {
    auto place = good;
    change_place(place);
    return value_error([&] { preprocess(in, std::vector{place}, options); });
  };
  const auto with = [&](auto change_place) { return of(bytes, change_place, options_of(6, 6)); };
  const auto same = [](PicturePlace&) {};
  EXPECT_EQ(with(same), "no error");
  EXPECT_THAT(with([](auto& p) { p.offset = 5; }), HasSubstr("within the 100 bytes, got offset 5"));
  EXPECT_THAT(with([](auto& p) { p.offset = -1; }), HasSubstr("offset -1"));
  EXPECT_THAT(with([](auto& p) { p.height = 9; }), HasSubstr("9 rows"));
  EXPECT_THAT(with([](auto& p) { p.stride = 11; }), HasSubstr("stride of 12, got 11"));
  EXPECT_THAT(with([](auto& p) { p.stride = INT64_MAX; }), HasSubstr("within the 100 bytes"));
  EXPECT_THAT(with([](auto& p) { p.width = 0; }), HasSubstr("0 x 8"));
  EXPECT_THAT(with([](auto& p) { p.w = 0; }), HasSubstr("show a part of it, got 0 x 8"));
  EXPECT_THAT(with([](auto& p) { p.x = NAN; }), HasSubstr("at nan"));
  EXPECT_THAT(with([](auto& p) { p.left = 1; }), HasSubstr("canvas of 6 x 6, got 6 x 6 at 1, 0"));
  EXPECT_THAT(with([](auto& p) { p.target_height = INT_MAX; }), HasSubstr("canvas"));
  EXPECT_THAT(of(torch::zeros({100}), same, options_of(6, 6)), HasSubstr("[100] Float"));
  EXPECT_THAT(of(torch::zeros({200}, torch::kUInt8).slice(0, 0, 200, 2), same, options_of(6, 6)),
              HasSubstr("contiguous"));
  EXPECT_THAT(of(bytes, same, options_of(0, 6)), HasSubstr("got 0 and 6"));
  EXPECT_THAT(of(bytes, same, options_of(65536, 32768)), HasSubstr("1 canvases of 32768 x 65536"));
  EXPECT_THAT(of(bytes, same, options_of(6, 6, torch::kFloat64)), HasSubstr("got Double"));
  auto no_std = options_of(6, 6);
  no_std.std[1] = 0;
  EXPECT_THAT(of(bytes, same, no_std), HasSubstr("std must be above 0"));
}

INSTANTIATE_TEST_SUITE_P(Devices, PreprocessTest, kDevices, device_name);

}  // namespace
}  // namespace preannotate
