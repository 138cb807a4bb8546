#include "data/coco_seed.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

using CocoRead = CocoSeed;

// Row 90.
TEST_F(CocoRead, BoxesAreCornersAndSamplesAreSorted) {
  const auto dataset = read();
  EXPECT_THAT(dataset.categories, ElementsAre("cat", "dog"));
  ASSERT_EQ(dataset.samples.size(), 2u);
  EXPECT_EQ(dataset.samples[0].image, "a.jpg");
  EXPECT_EQ(dataset.samples[0].width, 100);
  EXPECT_EQ(dataset.samples[0].height, 200);
  ASSERT_EQ(dataset.samples[0].labels.size(), 1u);
  EXPECT_EQ(dataset.samples[0].labels[0].box, (Box{1, 2, 4.5f, 6.25f}));
  EXPECT_EQ(labels_of_b(dataset)[0].category, 1);
  EXPECT_EQ(dataset.image_root, folder_);
  EXPECT_THAT(dataset.problems, testing::IsEmpty());
}

TEST_F(CocoRead, ScoreDraftIdAndClassOfTheWholeImageComeBack) {
  annotation(0)["score"] = 0.75;
  annotation(0)["attributes"] = {{"draft_id", "d3f9a1c2e7b0"}};
  annotation(1)["attributes"] = {{"image_level", true}};
  const auto dataset = read();
  EXPECT_EQ(labels_of_b(dataset)[0].score, 0.75);
  EXPECT_EQ(labels_of_b(dataset)[0].id, "d3f9a1c2e7b0");
  EXPECT_FALSE(dataset.samples[0].labels[0].box);
}

// Row 62.
TEST_F(CocoRead, AByteOrderMarkIsAccepted) {
  EXPECT_EQ(read_text_of("\xEF\xBB\xBF" + json_.dump()).samples.size(), 2u);
}

// Row 63.
TEST_F(CocoRead, Utf16IsNamed) {
  EXPECT_THAT(error_of(std::string("\xFF\xFE{\0", 4)), HasSubstr("the file is UTF-16"));
}

// Row 65.
TEST_F(CocoRead, AnEmptyFileAnEmptyObjectAndAListAreErrors) {
  EXPECT_THAT(error_of(""), HasSubstr("the file is empty"));
  EXPECT_THAT(error_of("{}"), HasSubstr("field 'categories' is missing"));
  write_text(folder_ / "seed.json", "[]");
  EXPECT_THROW(read_dataset(folder_ / "seed.json", "coco"), UserError);
}

// Row 66.
TEST_F(CocoRead, BrokenJsonIsNamedWithItsLine) {
  const auto text = json_.dump(1);
  EXPECT_THAT(error_of(text.substr(0, text.size() - 9)), HasSubstr("seed.json:"));
  EXPECT_THAT(error_of(R"({"images": [],})"), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of(R"({"images": [], "images": []})"), HasSubstr("is there twice"));
}

// Row 79.
TEST_F(CocoRead, ADuplicateImageIdNamesBoth) {
  image(1)["id"] = 1;
  EXPECT_THAT(error(), HasSubstr("images[1]: image id 1 is already that of images[0]"));
}

TEST_F(CocoRead, ADuplicateFileNameNamesBoth) {
  image(1)["file_name"] = "./b.jpg";
  EXPECT_THAT(error(), HasSubstr("images[1]: file_name './b.jpg' is already that of images[0]"));
}

// Row 80.
TEST_F(CocoRead, DuplicateAnnotationIdsAreNumberedAnewWithAWarning) {
  annotation(1)["id"] = 1;
  const auto dataset = read();
  EXPECT_EQ(dataset.samples[0].labels.size() + dataset.samples[1].labels.size(), 2u);
  EXPECT_THAT(reasons(dataset), ElementsAre("duplicate_id"));
}

// Row 81.
TEST_F(CocoRead, GapsBetweenCategoryIdsAreClosedInTheOrderOfIds) {
  json_["categories"][0]["id"] = annotation(1)["category_id"] = 90;
  const auto dataset = read();
  EXPECT_THAT(dataset.categories, ElementsAre("dog", "cat"));
  EXPECT_EQ(dataset.samples[0].labels[0].category, 1);
}

// Row 82.
TEST_F(CocoRead, ADuplicateCategoryNameOrIdIsAnError) {
  json_["categories"][1]["name"] = "cat";
  EXPECT_THAT(error(), HasSubstr("categories[1]: name 'cat' is already that of category 'cat'"));
  json_["categories"][1] = {{"id", 1}, {"name", "dog"}};
  EXPECT_THAT(error(), HasSubstr("categories[1]: id 1 is already that of category 'cat'"));
}

// Row 83.
TEST_F(CocoRead, AnUnknownCategoryIdIsAnErrorThatListsTheKnown) {
  annotation(0)["category_id"] = 3;
  EXPECT_THAT(error(), HasSubstr("annotations[0]: category_id 3 is not among the categories: "
                                 "1 cat, 2 dog"));
}

// Row 84.
TEST_F(CocoRead, AnAnnotationOfAnUnlistedImageIsLeftOutAndNamed) {
  annotation(0)["image_id"] = 77;
  const auto dataset = read();
  EXPECT_TRUE(labels_of_b(dataset).empty());
  ASSERT_THAT(reasons(dataset), ElementsAre("annotation_without_image"));
  EXPECT_EQ(dataset.problems[0].input, "image_id 77");
  EXPECT_THAT(dataset.problems[0].detail, HasSubstr("annotations[0] of"));
}

// Row 84.
TEST_F(CocoRead, MostAnnotationsOfUnlistedImagesAreAnError) {
  annotation(0)["image_id"] = annotation(1)["image_id"] = 77;
  EXPECT_THAT(error(), HasSubstr("2 of 2 are of images that are not listed"));
}

// Row 84.
TEST_F(CocoRead, AListedImageThatIsMissingIsLeftOutAndNamed) {
  fs::remove(folder_ / "b.jpg");
  const auto dataset = read();
  EXPECT_EQ(dataset.samples.size(), 1u);
  ASSERT_THAT(reasons(dataset), ElementsAre("image_missing"));
  EXPECT_EQ(dataset.problems[0].input, "b.jpg");
}

// Row 91.
TEST_F(CocoRead, AnUnsafeFileNameIsRefused) {
  for (const char* name : {"../../x.jpg", "/etc/passwd", "C:\\x.jpg", "file:///x.jpg",
                           "https://example.org/x.jpg", "./C:/x.jpg", ".//\\x.jpg"}) {
    image(0)["file_name"] = name;
    EXPECT_THAT(error(), HasSubstr("images[0]: unsafe_path")) << name;
  }
}

// Row 92.
TEST_F(CocoRead, ALongCategoryNameIsAnErrorMarkupIsNot) {
  json_["categories"][0]["name"] = "<script>alert(1)</script>";
  EXPECT_EQ(read().categories[0], "<script>alert(1)</script>");
  json_["categories"][0]["name"] = std::string(1000000, 'x');
  EXPECT_THAT(error(), HasSubstr("categories[0]: category 'xxx"));
}

TEST_F(CocoRead, ANegativeOrFractionalImageSizeIsAnErrorNoneIsUnknown) {
  image(0)["width"] = -1;
  EXPECT_THAT(error(), HasSubstr("images[0]: field 'width' is -1"));
  image(0)["width"] = 10.5;
  EXPECT_THAT(error(), HasSubstr("images[0]: field 'width' is 10.5"));
  image(0).erase("width");
  EXPECT_EQ(read().samples[1].width, 0);
}

TEST_F(CocoRead, EveryFaultIsReportedInOneErrorEqualOnesGrouped) {
  annotation(0)["category_id"] = 8;
  annotation(1)["category_id"] = 9;
  image(0)["file_name"] = "../b.jpg";
  json_["annotations"].push_back({{"id", 3}, {"image_id", 2}, {"category_id", 1}});
  json_["annotations"].push_back({{"id", 4}, {"image_id", 2}, {"category_id", 7}, {"bbox", 5}});
  json_["annotations"].push_back("none");
  const auto what = error();
  EXPECT_THAT(what,
              AllOf(HasSubstr("5 faults: images[0]: unsafe_path"),
                    HasSubstr("annotations[1]: category_id 9 is not among"),
                    HasSubstr("(also annotations[3])"), HasSubstr("annotations[2]: has neither"),
                    HasSubstr("annotations[4]: found \"none\"")));
}

TEST_F(CocoRead, AFolderIsReadByItsOneCocoFile) {
  read();
  write_text(folder_ / "other.json", R"({"info": {}, "categories": {}, "items": []})");
  EXPECT_EQ(read_dataset(folder_, "").samples.size(), 2u);
  write_text(folder_ / "second.json", json_.dump());
  try {
    read_dataset(folder_, "");
    FAIL() << "chose one of two";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("holds 2 COCO files"), HasSubstr("second.json")));
  }
  write_text(folder_ / "annotations.json", json_.dump());
  EXPECT_EQ(read_dataset(folder_, "").samples.size(), 2u);
}

TEST_F(CocoRead, AnnotationsBesideImagesInAFolderOfTheirOwnAreFound) {
  const auto root = folder_ / "set";
  write_text(root / "annotations" / "instances_default.json", json_.dump());
  write_text(root / "images" / "default" / "a.jpg", "");
  write_text(root / "images" / "default" / "b.jpg", "");
  const auto dataset = read_dataset(root, "");
  for (const Sample& sample : dataset.samples) EXPECT_TRUE(fs::exists(image_file(dataset, sample)));
  EXPECT_THAT(dataset.problems, testing::IsEmpty());
}

TEST_F(CocoRead, OtherJsonIsNotTakenForCoco) {
  for (const char* text : {R"([{"images": []}])", R"({"data": {"images": []}})",
                           R"({"text": "\"images\": [", "x": 1})", "12"}) {
    write_text(folder_ / "seed.json", text);
    try {
      read_dataset(folder_ / "seed.json", "");
      ADD_FAILURE() << text;
    } catch (const UserError& error) {
      EXPECT_THAT(error.what(), HasSubstr("none of the formats")) << text;
    }
  }
}

TEST_F(CocoRead, TheOrderOfTheListsDoesNotMatter) {
  const auto before = read();
  Json turned = {{"annotations", json_["annotations"]},
                 {"images", json_["images"]},
                 {"categories", json_["categories"]}};
  json_ = turned;
  EXPECT_EQ(read().samples, before.samples);
}

TEST_F(CocoRead, CategoriesMayStandLastAsInTheFilesOfCocoItself) {
  for (int id = 3; id < 300; ++id) {
    json_["annotations"].push_back(json_["annotations"][0]);
    json_["annotations"].back()["id"] = id;
  }
  const auto before = read();
  Json turned = {{"images", json_["images"]},
                 {"annotations", json_["annotations"]},
                 {"categories", json_["categories"]}};
  json_ = turned;
  EXPECT_EQ(read().samples, before.samples);
  json_["annotations"][7]["category_id"] = 9;
  EXPECT_THAT(error(), HasSubstr("annotations[7]: category_id 9 is not among"));
}

// Row 89.
TEST_F(CocoRead, OutlinesAreCarriedThrough) {
  json_["annotations"][0]["segmentation"] = {{1, 2, 3.5, 4, 5, 6}, {7, 8, 9, 10, 11, 12}};
  json_["annotations"][1]["segmentation"] = {{"size", {200, 100}}, {"counts", {203, 5, 19792}}};
  json_["annotations"][1].erase("bbox");
  const auto dataset = read();
  EXPECT_EQ(dataset.samples[0].labels[0].segmentation,
            "{\"size\":[200,100],\"counts\":[203,5,19792]}");
  EXPECT_EQ(dataset.samples[0].labels[0].box, (Box{1, 3, 2, 8}));
  EXPECT_EQ(dataset.samples[1].labels[0].segmentation, "[[1,2,3.5,4,5,6],[7,8,9,10,11,12]]");
  json_["annotations"][1]["segmentation"]["counts"] = {203, 5};
  EXPECT_THAT(error(), HasSubstr("annotations[1]: the counts of the RLE sum to 208"));
}

// Row 65.
TEST_F(CocoRead, AListOfResultsTakesItsImagesFromTheFileBesideIt) {
  read();
  fs::rename(folder_ / "seed.json", folder_ / "annotations.json");
  write_text(folder_ / "results.json",
             R"([{"image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}])");
  const auto dataset = read_dataset(folder_ / "results.json", "");
  ASSERT_EQ(dataset.samples.size(), 2u);
  EXPECT_EQ(dataset.samples[0].labels.at(0).score, 0.5);
  EXPECT_TRUE(dataset.samples[1].labels.empty());
  EXPECT_FALSE(read_dataset(folder_, "").samples[0].labels[0].score)
      << "the truth, not the results";
  const auto error_of = [&] {
    try {
      format_named("coco").read(folder_ / "results.json");
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  write_text(folder_ / "results.json",
             R"([{"image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4]}])");
  EXPECT_THAT(error_of(), HasSubstr("[0]: field 'score' is missing"));
  write_text(folder_ / "results.json",
             R"([{"segmentation": {"size": [200, 100], "counts": [203, 5, 19792]}, "image_id": 2,
                  "category_id": 1, "score": 0.25}])");
  EXPECT_EQ(read_dataset(folder_ / "results.json", "").samples[0].labels.at(0).score, 0.25);
  write_text(folder_ / "results.json", "[]");
  EXPECT_EQ(format_named("coco").read(folder_ / "results.json").samples.size(), 2u);
  json_["categories"][1]["name"] = "";
  write_text(folder_ / "annotations.json", json_.dump());
  EXPECT_THAT(error_of(), HasSubstr("annotations.json: categories[1]"));
  fs::remove(folder_ / "annotations.json");
  EXPECT_THAT(error_of(), HasSubstr("is a list of results, which names no images"));
}

}  // namespace
}  // namespace preannotate
