#include "data/coco_seed.h"

namespace preannotate {
namespace {

using namespace testing_support;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

using CocoValuesRead = CocoSeed;

// Row 72.
TEST_F(CocoValuesRead, NumbersAsTextAreUsedAndCounted) {
  annotation(0)["bbox"] = {"10", "20.5", 30, 40};
  annotation(1)["score"] = "0.9";
  const auto dataset = read();
  EXPECT_EQ(labels_of_b(dataset)[0].box, (Box{10, 20.5f, 40, 60.5f}));
  EXPECT_EQ(dataset.samples[0].labels[0].score, 0.9);
  ASSERT_THAT(reasons(dataset), ElementsAre("number_as_text"));
  EXPECT_EQ(dataset.problems[0].detail,
            "3 times, first at annotations[0]: field 'bbox' is text, used as a number");
}

// Row 73.
TEST_F(CocoValuesRead, ADecimalCommaIsAnError) {
  annotation(0)["bbox"][0] = "0,5";
  EXPECT_THAT(error(), AllOf(HasSubstr("annotations[0]: field 'bbox' is \"0,5\""),
                             HasSubstr("no decimal comma")));
}

// Row 74.
TEST_F(CocoValuesRead, AnIdWithPointZeroIsUsedTrueAndFractionsAreErrors) {
  annotation(0)["category_id"] = 2.0;
  EXPECT_THAT(reasons(read()), ElementsAre("id_with_point"));
  annotation(0)["category_id"] = 1.5;
  EXPECT_THAT(error(), HasSubstr("annotations[0]: field 'category_id' is 1.5, expected a whole"));
  annotation(0)["category_id"] = true;
  EXPECT_THAT(error(), HasSubstr("field 'category_id' is true"));
}

// Row 75.
TEST_F(CocoValuesRead, IdsBeyond32BitsAreKeptApart) {
  image(0)["id"] = annotation(0)["image_id"] = 4294967297;
  EXPECT_EQ(read().samples[1].labels.size(), 1u);
}

// Row 76.
TEST_F(CocoValuesRead, IdsBeyond53BitsAreAnError) {
  image(0)["id"] = annotation(0)["image_id"] = 9007199254740993;
  EXPECT_THAT(error(),
              AllOf(HasSubstr("images[0]: field 'id' is 9007199254740993"), HasSubstr("2^53")));
  image(0)["id"] = 18446744073709551615u;
  EXPECT_THAT(error(), HasSubstr("2^53"));
}

// Row 77.
TEST_F(CocoValuesRead, IdsZeroAndBelowAreAccepted) {
  image(0)["id"] = annotation(0)["image_id"] = 0;
  json_["categories"][0]["id"] = annotation(1)["category_id"] = -3;
  annotation(0)["id"] = 0;
  const auto dataset = read();
  EXPECT_EQ(labels_of_b(dataset).size(), 1u);
  EXPECT_THAT(dataset.categories, ElementsAre("cat", "dog"));
  EXPECT_THAT(dataset.problems, testing::IsEmpty());
}

// Row 78.
TEST_F(CocoValuesRead, ATextImageIdIsMatchedByNameWhenUnique) {
  annotation(0)["image_id"] = "b";
  annotation(1)["image_id"] = "a.jpg";
  const auto dataset = read();
  EXPECT_EQ(labels_of_b(dataset).size(), 1u);
  EXPECT_EQ(dataset.samples[0].labels.size(), 1u);
  EXPECT_THAT(reasons(dataset), ElementsAre("image_id_text"));
}

TEST_F(CocoValuesRead, TextIdsOfImagesAreLinksToo) {
  image(0)["id"] = annotation(0)["image_id"] = "x-7";
  EXPECT_EQ(labels_of_b(read()).size(), 1u);
}

TEST_F(CocoValuesRead, ATextImageIdThatFitsTwoImagesIsAnError) {
  image(1)["file_name"] = "1.jpg";
  write_text(folder_ / "1.jpg", "");
  annotation(0)["image_id"] = "1";
  EXPECT_THAT(error(), HasSubstr("field 'image_id' is '1', which fits b.jpg and 1.jpg"));
}

// Row 86.
TEST_F(CocoValuesRead, ABoxThatReachesBeyondTheImageIsClippedAndNamed) {
  annotation(0)["bbox"] = {600, 400, 100, 100};
  annotation(0)["area"] = 10000;
  const auto dataset = read();
  EXPECT_EQ(labels_of_b(dataset)[0].box, (Box{600, 400, 640, 480}));
  EXPECT_EQ(labels_of_b(dataset)[0].area, 0);
  ASSERT_THAT(reasons(dataset), ElementsAre("box_clipped"));
  EXPECT_THAT(dataset.problems[0].detail, HasSubstr("annotations[0] of"));
}

// Row 86.
TEST_F(CocoValuesRead, ABoxOutsideTheImageIsLeftOutTheImageStays) {
  annotation(0)["bbox"] = {700, 400, 100, 100};
  const auto dataset = read();
  EXPECT_TRUE(labels_of_b(dataset).empty());
  EXPECT_THAT(reasons(dataset), ElementsAre("box_outside_image"));
}

// Row 87.
TEST_F(CocoValuesRead, ABoxOfZeroOrNegativeSizeIsLeftOut) {
  annotation(0)["bbox"] = {10, 10, 0, 5};
  json_["annotations"].push_back(annotation(0));
  annotation(2)["bbox"] = {10, 10, -5, 5};
  annotation(2)["id"] = 3;
  const auto dataset = read();
  EXPECT_TRUE(labels_of_b(dataset).empty());
  EXPECT_THAT(reasons(dataset), ElementsAre("empty_box", "empty_box"));
}

// Row 88.
TEST_F(CocoValuesRead, NanAndInfinityAreErrorsHoweverWritten) {
  annotation(0)["bbox"][0] = "NaN";
  EXPECT_THAT(error(), HasSubstr("annotations[0]: field 'bbox' is \"NaN\", expected a number"));
  annotation(0)["bbox"][0] = 123456789;
  for (const char* number : {"NaN", "Infinity", "1e999"}) {
    auto text = json_.dump();
    text.replace(text.find("123456789"), 9, number);
    EXPECT_THAT(error_of(text), HasSubstr("not valid JSON")) << number;
  }
}

TEST_F(CocoValuesRead, AScoreBeyondOneIsAnError) {
  annotation(0)["score"] = 93;
  EXPECT_THAT(error(), HasSubstr("annotations[0]: field 'score' is 93, expected 0 to 1"));
}

// Row 89.
TEST_F(CocoValuesRead, ACrowdIsKeptAsOne) {
  annotation(0)["iscrowd"] = 1;
  annotation(0)["segmentation"] = {{"size", {480, 640}}, {"counts", {7, 307193}}};
  annotation(0)["area"] = 777.5;
  const auto dataset = read();
  EXPECT_TRUE(labels_of_b(dataset)[0].crowd);
  EXPECT_EQ(labels_of_b(dataset)[0].area, 777.5);
  EXPECT_FALSE(dataset.samples[0].labels[0].crowd);
  annotation(0)["iscrowd"] = 2;
  EXPECT_THAT(error(), HasSubstr("field 'iscrowd' is 2, expected 0 or 1"));
}

TEST_F(CocoValuesRead, PolygonsWithoutABoxGiveOne) {
  annotation(0).erase("bbox");
  annotation(0)["segmentation"] = {{10, 10, 50, 12, 30, 40}, {5, 20, 8, 20, 8, 25}};
  EXPECT_EQ(labels_of_b(read())[0].box, (Box{5, 10, 50, 40}));
  annotation(0)["segmentation"] = {{10, 10, 50, 12}};
  EXPECT_THAT(error(), HasSubstr("a polygon has 4 numbers"));
}

TEST_F(CocoValuesRead, ARunLengthMaskWithoutABoxGivesOne) {
  annotation(0).erase("bbox");
  annotation(0)["segmentation"] = {{"size", {480, 640}}, {"counts", {480 * 7 + 3, 5, 303832}}};
  EXPECT_EQ(labels_of_b(read())[0].box, (Box{7, 3, 8, 8}));
  annotation(0)["segmentation"]["counts"] = "abc";
  EXPECT_THAT(error(), HasSubstr("annotations[0]: the RLE ends inside a count"));
}

TEST_F(CocoValuesRead, ABoxNeedsFourNumbers) {
  annotation(0)["bbox"] = {1, 2, 3};
  EXPECT_THAT(error(), HasSubstr("annotations[0]: field 'bbox' has 3 numbers"));
  annotation(0)["bbox"] = "1 2 3 4";
  EXPECT_THAT(error(), HasSubstr("field 'bbox' is \"1 2 3 4\", expected a list of numbers"));
}

}  // namespace
}  // namespace preannotate
