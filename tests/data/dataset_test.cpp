#include "preannotate/data/dataset.h"

#include <gtest/gtest.h>

namespace preannotate {
namespace {

TEST(DatasetTest, CategoriesAreFoundByName) {
  EXPECT_EQ(category_index({"cat", "dog"}, "dog"), 1);
  EXPECT_EQ(category_index({"cat", "dog"}, "Dog"), -1);
}

TEST(DatasetTest, ImagesAreBelowTheRootUnlessElsewhere) {
  Dataset dataset;
  dataset.image_root = "root";
  dataset.elsewhere["b.jpg"] = "/x/b.jpg";
  Sample sample;
  sample.image = "sub/a%FF.jpg";
  EXPECT_EQ(image_file(dataset, sample), "root/sub/a\xff.jpg");
  sample.image = "b.jpg";
  EXPECT_EQ(image_file(dataset, sample), "/x/b.jpg");
}

TEST(DatasetTest, ImageLevelLabelsAreEachCategoryOnceWithItsBestScore) {
  Sample sample;
  sample.labels = {
      {1, 0.5, Box{0, 0, 1, 1}, "a"}, {0, {}, {}, "b"}, {1, 0.75, Box{1, 1, 2, 2}, "c"}};
  EXPECT_EQ(image_level_labels(sample), (std::vector<Label>{{1, 0.75, {}, "c"}, {0, {}, {}, "b"}}));
}

}  // namespace
}  // namespace preannotate
