#include "preannotate/data/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/drafts.h"

namespace preannotate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace testing_support;

TEST(Fit, AFormatThatHoldsAllLosesNothing) {
  auto drafts = outlined_drafts();
  drafts.samples[3].labels[0].segmentation.clear();
  const auto fit = fitted(drafts, format_named("datumaro"));
  EXPECT_EQ(fit.dataset.samples, drafts.samples);
  EXPECT_THAT(fit.losses, IsEmpty());
}

TEST(Fit, AnImageThatLosesAllLabelsIsNotClaimedToBeEmpty) {
  const auto fit = fitted(boxed_drafts(), format_named("yolo"));
  std::vector<std::string> images;
  for (const Sample& sample : fit.dataset.samples) images.push_back(sample.image);
  EXPECT_THAT(images, ElementsAre("a b.jpg", "empty.png", "two/same.jpg"));
  EXPECT_THAT(fit.losses, ElementsAre(HasSubstr("1 classes of whole images"),
                                      HasSubstr("1 regions"), HasSubstr("1 images are left out")));
}

TEST(Fit, WithoutPlacesBoxesAreTheClassesOfTheirImage) {
  const auto fit = fitted(boxed_drafts(), format_named("folder"));
  ASSERT_EQ(fit.dataset.samples.size(), 3u);
  EXPECT_EQ(fit.dataset.samples[0].labels.size(), 2u);
  EXPECT_FALSE(fit.dataset.samples[0].labels[0].box);
  EXPECT_THAT(fit.losses, testing::Contains(HasSubstr("boxes become the classes")));
  EXPECT_THAT(fit.losses, testing::Contains(HasSubstr("1 images without a label are left out")));
}

TEST(Fit, AnOutlineOfSeveralPartsBecomesABoxWhereOnlyPolygonsAreHeld) {
  const auto fit = fitted(outlined_drafts(), format_named("cvat"));
  EXPECT_FALSE(fit.dataset.samples[0].labels[1].segmentation.empty());
  EXPECT_TRUE(fit.dataset.samples[3].labels[0].segmentation.empty());
  EXPECT_THAT(fit.losses, ElementsAre("1 outlines become boxes"));
}

}  // namespace
}  // namespace preannotate
