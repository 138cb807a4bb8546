#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/data/format.h"
#include "support/images.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace testing_support;

constexpr const char* kHeader =
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,"
    "IsDepiction,IsInside\n";

class OpenImages : public testing::Test {
 protected:
  Dataset read(const std::string& rows) {
    write_text(folder_ / "train-annotations-bbox.csv", kHeader + rows);
    return read_dataset(folder_, "");
  }
  std::string error(const std::string& rows) {
    try {
      read(rows);
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  }
  fs::path folder_ = test_folder();
};

TEST_F(OpenImages, IdsWithoutExtensionAndSizesComeFromTheImages) {
  write_text(folder_ / "images/000a.png", png_bytes(corner_picture(200, 100)));
  write_text(folder_ / "classes.csv", "/m/01,Dog\n/m/02,Cat\n");
  const auto dataset = read("000a,xclick,/m/02,1,0.1,0.5,0.2,0.8,0,0,1,0,0\n");
  EXPECT_THAT(dataset.categories, ElementsAre("Dog", "Cat"));
  ASSERT_EQ(dataset.samples.size(), 1u);
  EXPECT_EQ(dataset.samples[0].image, "000a.png");
  const Label& label = dataset.samples[0].labels.at(0);
  EXPECT_EQ(label.category, 1);
  EXPECT_EQ(label.box, (Box{20, 20, 100, 80}));
  EXPECT_TRUE(label.crowd);
  EXPECT_FALSE(label.score);
}

TEST_F(OpenImages, FaultsNameFileAndLine) {
  write_text(folder_ / "images/a.png", png_bytes(corner_picture(200, 100)));
  EXPECT_THAT(error("a.png,x,Cat,1,0.1,\"0,5\",0.2,0.8,0,0,0,0,0\n"),
              AllOf(HasSubstr("train-annotations-bbox.csv:2"), HasSubstr("no decimal comma")));
  EXPECT_THAT(error("a.png,x,Cat,2,0.1,0.5,0.2,0.8,0,0,0,0,0\n"),
              HasSubstr("Confidence is 2, expected 0 to 1"));
  EXPECT_THAT(error("a.png,x,Cat\n"), HasSubstr("has 3 columns, expected 13"));
  EXPECT_THAT(error("b.png,x,Cat,1,0.1,0.5,0.2,0.8,0,0,0,0,0\n"),
              HasSubstr("the size of image 'b.png' is not known"));
}

TEST_F(OpenImages, AClassThatPeopleSayIsNotThereIsNoLabel) {
  write_text(
      folder_ / "image_labels.csv",
      "ImageID,Source,LabelName,Confidence\na.png,verification,Cat,1\na.png,verification,Dog,0\n");
  const auto dataset = read_dataset(folder_, "");
  ASSERT_EQ(dataset.samples.at(0).labels.size(), 1u);
  EXPECT_EQ(dataset.categories.at(static_cast<size_t>(dataset.samples[0].labels[0].category)),
            "Cat");
}

}  // namespace
}  // namespace preannotate
