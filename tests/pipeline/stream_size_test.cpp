#include "pipeline/stream_size.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "preannotate/model/device.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

using testing_support::test_folder;
using testing_support::TinyBackbone;
using testing_support::write_tiny_backbone;

constexpr size_t kForever = 1'000'000'000'000;

Backbone tiny(const TinyBackbone& tiny = {}) {
  BackboneOptions options;
  options.path = test_folder() / "tiny.pt";
  options.trust = true;
  write_tiny_backbone(options.path, tiny);
  return Backbone(options);
}

TEST(StreamSize, WithoutAWishEveryCoreAndFourImages) {
  EXPECT_EQ(stream_size(0, std::nullopt).workers, usable_cores());
  EXPECT_EQ(stream_size(0, std::nullopt).batch, 4);
  EXPECT_EQ(stream_size(3, 7).workers, 3);
  EXPECT_EQ(stream_size(3, 7).batch, 7);
}

TEST(StreamSize, AWishIsKeptHoweverLongTheList) {
  const auto backbone = tiny();
  const auto both = tried_stream_size(backbone, 3, 7, kForever);
  EXPECT_EQ(both.workers, 3);
  EXPECT_EQ(both.batch, 7);
  EXPECT_EQ(tried_stream_size(backbone, 3, std::nullopt, kForever).workers, 3);
  EXPECT_EQ(tried_stream_size(backbone, 0, 7, kForever).batch, 7);
}

TEST(StreamSize, AShortListIsNotWorthATrial) {
  const auto size = tried_stream_size(tiny(), 0, std::nullopt, 10);
  EXPECT_EQ(size.workers, usable_cores());
  EXPECT_EQ(size.batch, 4);
}

TEST(StreamSize, ALongListGetsASizeThatWasTried) {
  const auto size = tried_stream_size(tiny(), 0, std::nullopt, kForever);
  EXPECT_GE(size.workers, std::max(1, usable_cores() / 2));
  EXPECT_LE(size.workers, usable_cores());
  EXPECT_GE(size.batch, 1);
  EXPECT_LE(size.batch, 16);
}

TEST(StreamSize, NoTrialWhereTheBatchChangesAnImagesResult) {
  TinyBackbone plain;
  plain.forward = "def forward(self, x):\n  return x.mean([2, 3]) * x.std()\n";
  const auto backbone = tiny(plain);
  ASSERT_FALSE(backbone.rows_are_independent());
  EXPECT_EQ(tried_stream_size(backbone, 0, std::nullopt, kForever).batch, 4);
}

}  // namespace
}  // namespace preannotate
