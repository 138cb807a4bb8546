#include "preannotate/data/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/coco_seed.h"
#include "data/drafts.h"
#include "preannotate/data/fit.h"
#include "support/images.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace testing_support;

std::vector<std::string> codes(const CheckResult& result) {
  std::vector<std::string> codes;
  for (const Finding& finding : result.findings) codes.push_back(finding.code);
  return codes;
}

/// "place: code: message" of the first finding of a code.
std::string finding_of(const CheckResult& result, const std::string& code) {
  for (const Finding& finding : result.findings) {
    if (finding.code == code) return finding.place + ": " + finding.code + ": " + finding.message;
  }
  return "no " + code;
}

CheckResult check(const fs::path& path, const std::string& tool = "") {
  return check_labels({path, "", tool, ""});
}

/// What we write ourselves has nothing that any reader trips over.
class CheckOwnTest : public testing::TestWithParam<const DatasetFormat*> {};

TEST_P(CheckOwnTest, FindsNothingInWhatWasWritten) {
  const auto root = test_folder();
  auto drafts = boxed_drafts();
  drafts.image_root = root / "images";
  for (const Sample& sample : drafts.samples)
    write_text(drafts.image_root / sample.image, png_bytes(corner_picture(640, 480)));
  fs::create_directories(root / "out");
  GetParam()->write(fitted(drafts, *GetParam()).dataset, root / "out");
  const auto result = check(root / "out");
  EXPECT_EQ(result.format, GetParam()->name);
  EXPECT_GT(result.labels, 0u);
  EXPECT_THAT(codes(result), IsEmpty()) << finding_of(result, codes(result).at(0));
}

INSTANTIATE_TEST_SUITE_P(All, CheckOwnTest,
                         testing::ValuesIn(dataset_formats().begin(), dataset_formats().end()),
                         [](const auto& info) { return std::string(info.param->name); });

class CheckCocoTest : public CocoSeed {
 protected:
  void SetUp() override {
    CocoSeed::SetUp();
    for (auto& annotation : json_["annotations"]) {
      annotation["iscrowd"] = 0;
      annotation["area"] = 12;
      annotation["segmentation"] = Json::array();
    }
    json_["info"] = Json::object();
    json_["licenses"] = Json::array();
    write_text(folder_ / "a.jpg", png_bytes(corner_picture(100, 200)));
    write_text(folder_ / "b.jpg", png_bytes(corner_picture(640, 480)));
  }
  CheckResult checked(const std::string& tool = "") {
    write_text(folder_ / "annotations.json", json_.dump(1));
    return check(folder_, tool);
  }
};

TEST_F(CheckCocoTest, AGoodFileHasNoFindings) {
  EXPECT_THAT(codes(checked()), IsEmpty());
}

TEST_F(CheckCocoTest, EachReadersTrapsAreFoundWithTheirLine) {
  json_["annotations"][1]["id"] = 0;
  json_["categories"][0]["id"] = 0;
  json_["annotations"][1]["category_id"] = 0;
  json_["annotations"][0].erase("iscrowd");
  json_["annotations"][0]["attributes"] = {{"track_id", 3}, {"mask", "x"}};
  const auto result = checked();
  EXPECT_THAT(finding_of(result, "annotation_id_zero"),
              AllOf(HasSubstr("annotations.json:"), HasSubstr("(annotations[1])")));
  EXPECT_THAT(codes(result),
              AllOf(Contains("category_id_zero"), Contains("key_missing"),
                    Contains("attribute_of_tracks"), Contains("attribute_name_taken")));
  EXPECT_THAT(codes(checked("pycocotools")), ElementsAre("key_missing", "annotation_id_zero"));
}

TEST_F(CheckCocoTest, TheLineIsThatOfTheItem) {
  json_["annotations"][1]["bbox"] = {1, 2, -3, 4};
  const auto result = checked();
  const auto finding = finding_of(result, "empty_box");
  const auto text = read_text(folder_ / "annotations.json");
  const auto item = text.rfind("{", text.find("-3"));
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(item), '\n');
  EXPECT_THAT(finding, HasSubstr("annotations.json:" + std::to_string(line) + " (a.jpg"));
}

TEST_F(CheckCocoTest, AllFaultsAreListedAndTheRestIsStillLookedAt) {
  json_["annotations"][0]["category_id"] = 7;
  json_["annotations"][1]["bbox"] = {1, 2, "x", 4};
  const auto result = checked();
  EXPECT_EQ(result.images, 2u);
  EXPECT_THAT(finding_of(result, "faulty"), HasSubstr("category_id 7 is not among"));
}

TEST_F(CheckCocoTest, AnotherSizeThanTheFilesIsFound) {
  write_text(folder_ / "b.jpg", png_bytes(corner_picture(64, 48)));
  EXPECT_THAT(finding_of(checked(), "size_differs"),
              AllOf(HasSubstr("b.jpg"), HasSubstr("640 x 480"), HasSubstr("64 x 48")));
}

TEST_F(CheckCocoTest, Row19BoxesOfTheUnrotatedImageAreFound) {
  write_text(folder_ / "a.jpg",
             with_exif(jpeg_bytes(corner_picture(100, 200)), exif_block(6, true)));
  EXPECT_THAT(finding_of(checked(), "size_is_unrotated"), HasSubstr("EXIF orientation"));
}

// Row 20.
TEST_F(CheckCocoTest, AnOrientationThatSizesDoNotShowIsFound) {
  write_text(folder_ / "a.jpg",
             with_exif(jpeg_bytes(corner_picture(100, 200)), exif_block(3, true)));
  EXPECT_THAT(finding_of(checked(), "orientation_unclear"), HasSubstr("orientation is 3"));
}

TEST_F(CheckCocoTest, ALabelTwiceAnUnusedClassAndNamesAlikeAreFound) {
  json_["annotations"].push_back(json_["annotations"][0]);
  json_["annotations"][2]["id"] = 3;
  json_["categories"].push_back({{"id", 9}, {"name", "cow"}});
  json_["images"].push_back({{"id", 3}, {"file_name", "A.jpg"}, {"width", 100}, {"height", 200}});
  write_text(folder_ / "A.jpg", png_bytes(corner_picture(100, 200)));
  const auto result = checked();
  EXPECT_THAT(codes(result), testing::UnorderedElementsAre("category_unused", "label_twice",
                                                           "names_differ_in_case"));
}

TEST_F(CheckCocoTest, ARepairedCopyHasNothingLeftAndTheOriginalIsAsItWas) {
  json_["annotations"][0]["category_id"] = 7;
  json_["annotations"][1]["id"] = 0;
  write_text(folder_ / "annotations.json", json_.dump(1));
  const auto before = read_text(folder_ / "annotations.json");
  const auto fixed = folder_ / "fixed";
  const auto result = check_labels({folder_, "", "", fixed});
  EXPECT_FALSE(result.findings.empty());
  EXPECT_EQ(read_text(folder_ / "annotations.json"), before);
  EXPECT_THAT(codes(check(fixed)), ElementsAre("category_unused"));
}

TEST_F(CheckCocoTest, AFileThatCannotBeReadIsAFinding) {
  write_text(folder_ / "annotations.json", "{\"images\": [");
  const auto result = check(folder_);
  EXPECT_THAT(finding_of(result, "unreadable"), HasSubstr("annotations.json:1:"));
}

TEST_F(CheckCocoTest, AToolThatDoesNotReadTheFormatIsSaid) {
  EXPECT_THAT(finding_of(checked("ultralytics"), "format_not_read"),
              HasSubstr("convert it to one of: yolo, yolo_classify"));
  try {
    checked("cvaat");
    FAIL() << "was taken";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'cvat'?"));
  }
}

TEST(Check, LabelStudiosTrapsAreFound) {
  const auto root = test_folder();
  write_text(root / "tasks.json", R"([{"data": {"image": "a.jpg"}, "predictions": [
      {"result": [{"id": "x#1", "type": "choices", "from_name": "c", "to_name": "image",
                   "value": {"choices": ["cat"]}},
                  {"id": "x#1", "type": "choices", "to_name": "image",
                   "value": {"choices": ["cat"]}}]},
      {"model_version": "2", "result": []}]}])");
  const auto result = check(root, "label_studio");
  EXPECT_THAT(codes(result), testing::IsSupersetOf({"config_missing", "several_predictions",
                                                    "model_version_missing", "id_with_hash",
                                                    "region_incomplete", "duplicate_id"}));
  EXPECT_THAT(finding_of(result, "id_with_hash"), HasSubstr("tasks.json:1 (tasks[0])"));
}

TEST(Check, YolosTrapsAreFound) {
  const auto root = test_folder();
  write_text(root / "data.yaml", "train: images/train\nnc: 1\nnames: [cat]\n");
  write_text(root / "images/train/a.png", png_bytes(corner_picture(20, 10)));
  write_text(root / "labels/train/a.txt", "0 0.5 0.5 0.2 0.2 0.9\n0 0.5 0.5 0.2\n");
  write_text(root / "labels/train/b.txt", "0 0.5 0.5 0.2 0.2\n");
  const auto result = check(root);
  EXPECT_THAT(codes(result), testing::UnorderedElementsAre("faulty", "unknown_key", "split_missing",
                                                           "sixth_column", "image_missing"));
  EXPECT_THAT(finding_of(result, "faulty"),
              HasSubstr("labels/train/a.txt:2: faulty: has 4 columns"));
  EXPECT_THAT(finding_of(result, "sixth_column"), HasSubstr("labels/train/a.txt:1"));
  EXPECT_THAT(finding_of(result, "unknown_key"), HasSubstr("data.yaml:2"));
}

TEST(Check, CvatsAndVocsTrapsAreFound) {
  const auto root = test_folder();
  write_text(
      root / "cvat/annotations.xml",
      "<annotations><meta><task><labels><label><name>cat</name></label></labels></task></meta>"
      "\n<image name=\"a.jpg\" width=\"9\" height=\"9\">\n<tag label=\"cat\">\n<attribute "
      "name=\"score\">0.5</attribute></tag></image></annotations>");
  const auto cvat = check(root / "cvat");
  EXPECT_THAT(finding_of(cvat, "attribute_not_declared"), HasSubstr("annotations.xml:4"));
  write_text(root / "voc/Annotations/a.xml",
             "<annotation><filename>a.jpg</filename><size><width>9</width><height>9</height></size>"
             "<object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax>"
             "<ymax>5</ymax></bndbox></object></annotation>");
  EXPECT_THAT(codes(check(root / "voc")), ElementsAre("labelmap_missing", "image_sets_missing"));
}

}  // namespace
}  // namespace preannotate
