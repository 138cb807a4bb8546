#include "preannotate/model/frame_stream.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <mutex>

#include "image/drawn_boxes.h"
#include "support/images.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

using testing_support::corner_picture;
using testing_support::drawn_box;
using testing_support::farthest_edge;
using testing_support::found_at;
using testing_support::jpeg_bytes;
using testing_support::read_text;
using testing_support::rendered;
using testing_support::test_folder;
using testing_support::with_orientation;
using testing_support::write_text;
using testing_support::write_tiny_backbone;

constexpr FrameSize kFrame{96, 64};

class FrameStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = test_folder();
    write_tiny_backbone(folder_ / "tiny.pt");
    BackboneOptions options;
    options.path = folder_ / "tiny.pt";
    options.trust = true;
    backbone_ = std::make_unique<Backbone>(options);
    for (int i = 0; i < 9; ++i) {
      paths_.push_back((folder_ / (std::to_string(i) + ".jpg")).string());
      write_text(paths_.back(), jpeg_bytes(corner_picture(80 + 17 * i, 120 - 6 * i)));
    }
    options_.frame = kFrame;
    options_.placements = [](int width, int height, size_t) {
      return std::vector{letterbox(width, height, kFrame)};
    };
  }

  /// Every image, and the maps that its work was given, by list position.
  std::vector<PlacedImage> all() {
    maps_.assign(paths_.size(), {});
    std::mutex mutex;
    options_.work = [&](const PlacedImage& item, const std::vector<torch::Tensor>& maps) {
      const std::lock_guard lock(mutex);
      EXPECT_TRUE(maps_[item.image.index].empty());
      for (const auto& map : maps) maps_[item.image.index].push_back(map.clone());
      const auto index = static_cast<float>(item.image.index);
      return std::vector<DraftBox>{{.box = {index, 0, index + 1, 1}, .category = 0, .score = 0.5}};
    };
    std::vector<PlacedImage> items;
    FrameStream stream(*backbone_, paths_, options_);
    while (auto item = stream.next()) items.push_back(std::move(*item));
    return items;
  }

  static bool same(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!torch::equal(a[i], b[i])) return false;
    }
    return true;
  }

  std::filesystem::path folder_;
  std::unique_ptr<Backbone> backbone_;
  std::vector<std::string> paths_;
  FrameOptions options_;
  std::vector<std::vector<torch::Tensor>> maps_;
};

TEST_F(FrameStreamTest, GivesEveryImageInOrderWithWhatWorkReturned) {
  const auto items = all();
  ASSERT_EQ(items.size(), paths_.size());
  for (size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].image.index, i);
    EXPECT_EQ(items[i].image.width, 80 + 17 * static_cast<int>(i));
    EXPECT_TRUE(items[i].image.views.empty());
    ASSERT_EQ(items[i].boxes.size(), 1u);
    EXPECT_EQ(items[i].boxes[0].box.x1, static_cast<float>(i));
    EXPECT_EQ(items[i].placements.size(), 1u);
  }
}

TEST_F(FrameStreamTest, WorkGetsTheBackbonesMapsOfTheFrame) {
  paths_.resize(1);
  all();
  ASSERT_EQ(maps_[0].size(), 3u);
  const auto image = decode_image(read_text(paths_[0]), {.min_side = 64});
  const auto view = rendered(image, letterbox(image.width, image.height, kFrame), kFrame);
  const auto pixels =
      torch::from_blob(const_cast<std::uint8_t*>(view.rgb.data()), {1, 64, 96, 3}, torch::kUInt8);
  const auto expected = backbone_->maps(pixels);
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_EQ(maps_[0][i].sizes(), expected[i].sizes());
    EXPECT_TRUE(torch::allclose(maps_[0][i], expected[i], 1e-4, 1e-4)) << i;
  }
}

TEST_F(FrameStreamTest, WorkersDoNotChangeABit) {
  options_.workers = 1;
  all();
  const auto one = maps_;
  options_.workers = 3;
  all();
  for (size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(same(one[i], maps_[i])) << i;
}

TEST_F(FrameStreamTest, ABadImageAtAnyPlaceLeavesTheOthersMapsAsTheyWere) {
  all();
  const auto clean = maps_;
  for (size_t bad = 0; bad < paths_.size(); ++bad) {
    const auto good = read_text(paths_[bad]);
    write_text(paths_[bad], good.substr(0, good.size() / 3));
    const auto items = all();
    ASSERT_EQ(items.size(), clean.size());
    EXPECT_FALSE(items[bad].image.reason.empty());
    EXPECT_TRUE(items[bad].boxes.empty());
    EXPECT_TRUE(maps_[bad].empty());
    for (size_t i = 0; i < items.size(); ++i) {
      if (i == bad) continue;
      EXPECT_TRUE(same(maps_[i], clean[i])) << bad << " " << i;
    }
    write_text(paths_[bad], good);
  }
}

TEST_F(FrameStreamTest, TheViewsOfAnImageFollowOneAnother) {
  all();
  const auto plain = maps_;
  options_.batch = 2;
  options_.placements = [](int width, int height, size_t index) {
    auto flipped = letterbox(width, height, kFrame);
    flipped.flip_x = true;
    std::vector<Placement> views(2 + index, flipped);
    views[0] = letterbox(width, height, kFrame);
    return views;
  };
  const auto items = all();
  for (size_t i = 0; i < items.size(); ++i) {
    const auto views = static_cast<std::int64_t>(2 + i);
    ASSERT_EQ(items[i].placements.size(), static_cast<size_t>(views));
    for (size_t level = 0; level < 3; ++level) {
      const auto& maps = maps_[i][level];
      ASSERT_EQ(maps.size(0), views);
      EXPECT_TRUE(torch::allclose(maps[0], plain[i][level][0], 1e-4, 1e-4));
      EXPECT_FALSE(torch::allclose(maps[1], maps[0], 1e-4, 1e-4));
      EXPECT_TRUE(torch::allclose(maps[views - 1], maps[1], 1e-4, 1e-4));
    }
  }
}

/// What a file of EXIF `orientation` stores so that it is shown as `upright`.
Picture stored(const Picture& upright, int orientation) {
  const bool turned = orientation >= 5;
  Picture raw{turned ? upright.height : upright.width, turned ? upright.width : upright.height,
              std::vector<std::uint8_t>(upright.rgb.size())};
  for (int y = 0; y < upright.height; ++y) {
    for (int x = 0; x < upright.width; ++x) {
      const int across = turned ? y : x, down = turned ? x : y;
      const bool from_right =
          orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
      const bool from_below =
          orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
      const int raw_x = from_right ? raw.width - 1 - across : across;
      const int raw_y = from_below ? raw.height - 1 - down : down;
      std::copy_n(upright.rgb.data() + 3 * (size_t(y) * upright.width + x), 3,
                  raw.rgb.data() + 3 * (size_t(raw_y) * raw.width + raw_x));
    }
  }
  return raw;
}

TEST_F(FrameStreamTest, BoxesMapBackOntoTheUprightImageForEveryOrientation) {
  const Box drawn{40, 22, 96, 50};
  const auto upright = drawn_box(150, 90, drawn);
  paths_.clear();
  for (int orientation = 1; orientation <= 8; ++orientation) {
    paths_.push_back((folder_ / ("o" + std::to_string(orientation) + ".jpg")).string());
    const auto bytes =
        jpeg_bytes(stored(upright, orientation), {.quality = 98, .chroma_divisor = 1});
    write_text(paths_.back(), with_orientation(bytes, orientation));
  }
  // Reads the drawn box off the frame, where a detector would find it.
  options_.work = [&](const PlacedImage& item, const std::vector<torch::Tensor>&) {
    const Picture view{kFrame.width, kFrame.height, item.image.views};
    const auto& placement = item.placements.front();
    const Box seen = found_at(view, to_frame(drawn, placement, kFrame));
    return std::vector<DraftBox>{
        {.box = from_frame(seen, placement, kFrame), .category = 0, .score = 1}};
  };
  FrameStream stream(*backbone_, paths_, options_);
  int count = 0;
  while (const auto item = stream.next()) {
    ++count;
    SCOPED_TRACE(count);
    ASSERT_EQ(item->image.reason, "");
    EXPECT_EQ(item->image.orientation, count);
    EXPECT_EQ(item->image.width, 150);
    EXPECT_EQ(item->image.height, 90);
    ASSERT_EQ(item->boxes.size(), 1u);
    EXPECT_LE(farthest_edge(item->boxes[0].box, drawn), 0.5);
  }
  EXPECT_EQ(count, 8);
}

TEST_F(FrameStreamTest, WhatWorkThrowsReachesTheReader) {
  options_.work = [](const PlacedImage& item,
                     const std::vector<torch::Tensor>&) -> std::vector<DraftBox> {
    if (item.image.index == 4) throw std::runtime_error("no room");
    return {};
  };
  FrameStream stream(*backbone_, paths_, options_);
  EXPECT_THROW(
      {
        while (stream.next()) {
        }
      },
      std::runtime_error);
}

TEST_F(FrameStreamTest, StoppingEarlyEndsIt) {
  options_.work = [](const PlacedImage&, const std::vector<torch::Tensor>&) {
    return std::vector<DraftBox>();
  };
  FrameStream stream(*backbone_, paths_, options_);
  EXPECT_TRUE(stream.next().has_value());
}

TEST_F(FrameStreamTest, AnEmptyListEndsAtOnce) {
  paths_.clear();
  EXPECT_TRUE(all().empty());
}

}  // namespace
}  // namespace preannotate
