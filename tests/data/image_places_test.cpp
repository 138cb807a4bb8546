#include "data/image_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/core/error.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;
using testing::AllOf;
using testing::HasSubstr;

class ImagePlacesTest : public testing::Test {
 protected:
  Dataset assigned(const std::vector<std::string>& images) {
    Dataset dataset;
    for (const auto& image : images) dataset.samples.push_back({image, 0, 0, {}, {}, 0});
    ImagePlaces(root_, {root_, root_ / "images"}).assign(dataset, root_ / "a.json");
    return dataset;
  }
  std::string error_of(const std::vector<std::string>& images) {
    try {
      assigned(images);
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      return error.what();
    }
    return "no error";
  }
  fs::path root_ = test_folder();
};

TEST_F(ImagePlacesTest, TheRootIsWhereMostImagesAre) {
  write_text(root_ / "a.jpg", "");
  write_text(root_ / "images" / "b.jpg", "");
  write_text(root_ / "images" / "c.jpg", "");
  const auto dataset = assigned({"a.jpg", "b.jpg", "c.jpg"});
  EXPECT_EQ(dataset.image_root, root_ / "images");
  EXPECT_EQ(image_file(dataset, dataset.samples[0]), root_ / "a.jpg");
  EXPECT_EQ(image_file(dataset, dataset.samples[1]), root_ / "images" / "b.jpg");
}

TEST_F(ImagePlacesTest, AnImageDeeperDownIsFoundByItsWholeName) {
  write_text(root_ / "data" / "part" / "sub" / "a.jpg", "");
  write_text(root_ / "data" / "part" / "other" / "a.jpg", "");
  const auto dataset = assigned({"sub/a.jpg"});
  EXPECT_EQ(image_file(dataset, dataset.samples[0]), root_ / "data" / "part" / "sub" / "a.jpg");
}

TEST_F(ImagePlacesTest, ANameThatFitsTwoFilesIsAnErrorThatNamesBoth) {
  write_text(root_ / "x" / "a.jpg", "");
  write_text(root_ / "y" / "a.jpg", "");
  EXPECT_THAT(error_of({"a.jpg"}), AllOf(HasSubstr("x/a.jpg"), HasSubstr("y/a.jpg")));
}

TEST_F(ImagePlacesTest, AMissingImageIsLeftOutAndNamed) {
  write_text(root_ / "a.jpg", "");
  write_text(root_ / "b.jpg", "");
  const auto dataset = assigned({"a.jpg", "b.jpg", "gone.jpg"});
  EXPECT_EQ(dataset.samples.size(), 2u);
  ASSERT_EQ(dataset.problems.size(), 1u);
  EXPECT_EQ(dataset.problems[0].input, "gone.jpg");
  EXPECT_EQ(dataset.problems[0].reason, "image_missing");
}

TEST_F(ImagePlacesTest, MoreThanHalfMissingIsAnError) {
  write_text(root_ / "a.jpg", "");
  EXPECT_THAT(error_of({"a.jpg", "b.jpg", "c.jpg"}), HasSubstr("2 of its 3 images are not below"));
}

TEST_F(ImagePlacesTest, WithoutAnyImageTheLabelsStay) {
  const auto dataset = assigned({"a.jpg", "b.jpg"});
  EXPECT_EQ(dataset.samples.size(), 2u);
  EXPECT_TRUE(dataset.problems.empty());
  EXPECT_EQ(dataset.image_root, root_);
}

}  // namespace
}  // namespace preannotate
