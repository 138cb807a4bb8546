#include "pipeline/object_crops.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

Label boxed(int category, float x, float y, float width, float height) {
  Label label;
  label.category = category;
  label.box = Box{x, y, x + width, y + height};
  return label;
}

/// Images of 200 x 100 with an object on the left half each, of category 0 or, one in ten, 1.
Dataset left_objects(size_t images) {
  Dataset dataset;
  dataset.categories = {"common", "rare"};
  Random random(4);
  for (size_t i = 0; i < images; ++i) {
    Sample sample;
    sample.image = std::to_string(i);
    sample.width = 200;
    sample.height = 100;
    sample.labels.push_back(boxed(i % 10 == 0, static_cast<float>(5 + random.below(40)),
                                  static_cast<float>(10 + random.below(40)), 30, 20));
    dataset.samples.push_back(sample);
  }
  return dataset;
}

size_t count(const std::vector<Crop>& crops, int category) {
  return static_cast<size_t>(std::count_if(
      crops.begin(), crops.end(), [&](const Crop& crop) { return crop.category == category; }));
}

TEST(ObjectCrops, AreSquaresAroundTheObjects) {
  Dataset dataset = left_objects(1);
  dataset.samples[0].labels = {boxed(0, 60, 40, 30, 20)};
  const auto crops = object_crops(dataset, 10, 0);
  const auto object =
      std::find_if(crops.begin(), crops.end(), [](const Crop& crop) { return crop.category == 0; });
  ASSERT_NE(object, crops.end());
  EXPECT_NEAR(object->side, 42, 1e-9);
  EXPECT_NEAR(object->x + object->side / 2, 75, 1e-9);
  EXPECT_NEAR(object->y + object->side / 2, 50, 1e-9);
}

TEST(ObjectCrops, OfMoreThanAreWantedKeepTheRareClasses) {
  const auto crops = object_crops(left_objects(200), 60, 0);
  EXPECT_EQ(count(crops, 1), 20u);
  EXPECT_EQ(count(crops, 0), 40u);
  EXPECT_EQ(count(crops, 2), 30u);
  EXPECT_TRUE(std::is_sorted(crops.begin(), crops.end(),
                             [](const Crop& a, const Crop& b) { return a.sample < b.sample; }));
}

TEST(ObjectCrops, BackgroundHoldsNoObjectAndNoCrowd) {
  Dataset dataset = left_objects(40);
  for (auto& sample : dataset.samples) {
    sample.labels.push_back(boxed(0, 150, 0, 50, 100));
    sample.labels.back().crowd = true;
  }
  const auto crops = object_crops(dataset, 1000, 0);
  EXPECT_EQ(count(crops, 0) + count(crops, 1), 40u) << "a crowd was cropped";
  EXPECT_GT(count(crops, 2), 0u);
  for (const auto& crop : crops) {
    if (crop.category != 2) continue;
    EXPECT_GE(crop.x, 0);
    EXPECT_LE(crop.x + crop.side, 200);
    EXPECT_GE(crop.y, 0);
    EXPECT_LE(crop.y + crop.side, 100);
    for (const auto& label : dataset.samples[crop.sample].labels) {
      const double across = std::min<double>(crop.x + crop.side, label.box->x2) -
                            std::max<double>(crop.x, label.box->x1);
      const double down = std::min<double>(crop.y + crop.side, label.box->y2) -
                          std::max<double>(crop.y, label.box->y1);
      if (across <= 0 || down <= 0) continue;
      EXPECT_LE(across * down, 0.051 * label.box->area());
    }
  }
}

TEST(ObjectCrops, AreTheSameForTheSameSeed) {
  const Dataset dataset = left_objects(50);
  const auto one = object_crops(dataset, 30, 5), same = object_crops(dataset, 30, 5);
  ASSERT_EQ(one.size(), same.size());
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].sample, same[i].sample);
    EXPECT_EQ(one[i].x, same[i].x);
  }
}

TEST(ObjectCrops, AnImageThatIsFullOfObjectsHasNoBackground) {
  Dataset dataset = left_objects(5);
  for (auto& sample : dataset.samples) sample.labels = {boxed(0, 0, 0, 200, 100)};
  const auto crops = object_crops(dataset, 10, 0);
  EXPECT_EQ(count(crops, 0), 5u);
  EXPECT_EQ(count(crops, 2), 0u);
  EXPECT_TRUE(object_crops(Dataset{}, 10, 0).empty());
}

}  // namespace
}  // namespace preannotate
