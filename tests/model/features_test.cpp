#include "preannotate/model/features.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "preannotate/core/error.h"
#include "support/images.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

using testing_support::corner_picture;
using testing_support::jpeg_bytes;
using testing_support::test_folder;
using testing_support::write_text;
using testing_support::write_tiny_backbone;

class FeatureStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = test_folder();
    write_tiny_backbone(folder_ / "tiny.pt");
    BackboneOptions options;
    options.path = folder_ / "tiny.pt";
    options.trust = true;
    backbone_ = std::make_unique<Backbone>(options);
    for (int i = 0; i < 11; ++i) {
      paths_.push_back((folder_ / (std::to_string(i) + ".jpg")).string());
      write_text(paths_.back(), jpeg_bytes(corner_picture(40 + 7 * i, 60 - 2 * i)));
    }
    options_.views = views_named("none");
  }

  std::vector<ImageFeatures> all() {
    std::vector<ImageFeatures> items;
    FeatureStream stream(*backbone_, paths_, options_);
    while (auto item = stream.next()) items.push_back(std::move(*item));
    return items;
  }

  std::filesystem::path folder_;
  std::unique_ptr<Backbone> backbone_;
  std::vector<std::string> paths_;
  FeatureOptions options_;
};

TEST_F(FeatureStreamTest, GivesEveryImageInOrder) {
  const auto items = all();
  ASSERT_EQ(items.size(), paths_.size());
  for (size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].image.index, i);
    EXPECT_EQ(items[i].image.width, 40 + 7 * static_cast<int>(i));
    EXPECT_EQ(items[i].features.size(), static_cast<size_t>(backbone_->layout().total()));
  }
}

TEST_F(FeatureStreamTest, WorkersDoNotChangeAByte) {
  options_.workers = 1;
  const auto one = all();
  options_.workers = 3;
  const auto three = all();
  for (size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].features, three[i].features) << i;
}

TEST_F(FeatureStreamTest, BatchChangesNoMoreThanTheLastDigits) {
  options_.batch = 1;
  const auto one = all();
  options_.batch = 5;
  const auto five = all();
  for (size_t i = 0; i < one.size(); ++i) {
    for (size_t k = 0; k < one[i].features.size(); ++k) {
      EXPECT_NEAR(one[i].features[k], five[i].features[k], 1e-5) << i;
    }
  }
}

TEST_F(FeatureStreamTest, ABadImageAtAnyPlaceLeavesTheOthersAsTheyWere) {
  const auto clean = all();
  for (size_t bad = 0; bad < paths_.size(); ++bad) {
    const auto good = testing_support::read_text(paths_[bad]);
    write_text(paths_[bad], good.substr(0, good.size() / 3));
    const auto items = all();
    ASSERT_EQ(items.size(), clean.size());
    EXPECT_FALSE(items[bad].image.reason.empty());
    EXPECT_TRUE(items[bad].features.empty());
    for (size_t i = 0; i < items.size(); ++i) {
      if (i == bad) continue;
      EXPECT_EQ(items[i].features, clean[i].features) << bad << " " << i;
    }
    write_text(paths_[bad], good);
  }
}

TEST_F(FeatureStreamTest, ViewsFollowOneAnother) {
  const auto plain = all();
  options_.views = tta_views();
  const auto both = all();
  const size_t columns = static_cast<size_t>(backbone_->layout().total());
  for (size_t i = 0; i < plain.size(); ++i) {
    ASSERT_EQ(both[i].features.size(), 2 * columns);
    EXPECT_EQ(std::vector<float>(both[i].features.begin(), both[i].features.begin() + columns),
              plain[i].features);
    EXPECT_NE(std::vector<float>(both[i].features.begin() + columns, both[i].features.end()),
              plain[i].features);
  }
}

TEST_F(FeatureStreamTest, CachedFeaturesEqualComputedOnes) {
  const FeatureCache cache(folder_ / "cache", cache_setting(*backbone_, options_));
  options_.cache = &cache;
  const auto first = all();
  EXPECT_TRUE(cache.has(first[3].image.sha256, first[3].features.size()));
  const auto second = all();
  for (size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].features, second[i].features);
}

TEST_F(FeatureStreamTest, ADamagedCacheEntryIsComputedAgain) {
  const FeatureCache cache(folder_ / "cache", cache_setting(*backbone_, options_));
  options_.cache = &cache;
  const auto first = all();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "cache")) {
    if (entry.is_regular_file()) write_text(entry.path(), "damaged");
  }
  const auto second = all();
  for (size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].features, second[i].features);
}

TEST_F(FeatureStreamTest, StoppingEarlyEndsIt) {
  FeatureStream stream(*backbone_, paths_, options_);
  EXPECT_TRUE(stream.next().has_value());
}

TEST_F(FeatureStreamTest, AnEmptyListEndsAtOnce) {
  paths_.clear();
  EXPECT_TRUE(all().empty());
}

}  // namespace
}  // namespace preannotate
