#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace testing_support;

/// A task as Label Studio exports it after review; every test changes what it is about.
class LabelStudioRead : public testing::Test {
 protected:
  void SetUp() override {
    task_ = parse_json(R"({
      "id": 1, "data": {"image": "/data/local-files/?d=sub/a%20b.jpg"},
      "predictions": [{"model_version": "0123456789ab", "result": []}],
      "annotations": [{"id": 7, "completed_by": 308, "was_cancelled": false,
        "updated_at": "2026-01-02T00:00:00Z",
        "result": [{"id": "p3f9a1c2e7b", "type": "rectanglelabels", "from_name": "label",
          "to_name": "image", "original_width": 640, "original_height": 480, "image_rotation": 0,
          "origin": "prediction-changed", "score": 0.87,
          "value": {"x": 10, "y": 25, "width": 50, "height": 50, "rotation": 0,
                    "rectanglelabels": ["cat"]}}]}]})",
                       "base");
  }
  Json& annotation() { return task_["annotations"][0]; }
  Json& result() { return annotation()["result"][0]; }

  Dataset read(const Json& tasks) {
    write_text(folder_ / "export.json", tasks.dump());
    return format_named("label_studio").read(folder_ / "export.json");
  }
  Dataset read() { return read(Json::array({task_})); }

  std::string error() {
    try {
      read();
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      return error.what();
    }
    return "no error";
  }

  fs::path folder_ = test_folder();
  Json task_;
};

TEST_F(LabelStudioRead, AReviewedTaskGivesTheAnnotationNotThePrediction) {
  const auto dataset = read();
  EXPECT_THAT(dataset.categories, ElementsAre("cat"));
  ASSERT_EQ(dataset.samples.size(), 1u);
  EXPECT_EQ(dataset.samples[0].image, "sub/a b.jpg");
  EXPECT_EQ(dataset.samples[0].width, 640);
  ASSERT_EQ(dataset.samples[0].labels.size(), 1u);
  const Label& label = dataset.samples[0].labels[0];
  EXPECT_EQ(label.id, "p3f9a1c2e7b");
  EXPECT_EQ(label.score, 0.87);
  EXPECT_EQ(label.box, (Box{64, 120, 384, 360}));
  EXPECT_EQ(&format_of(folder_ / "export.json"), &format_named("label_studio"));
}

TEST_F(LabelStudioRead, NothingInAnAnnotationMeansLookedAtAndEmpty) {
  annotation()["result"] = Json::array();
  const auto dataset = read();
  ASSERT_EQ(dataset.samples.size(), 1u);
  EXPECT_THAT(dataset.samples[0].labels, IsEmpty());
}

TEST_F(LabelStudioRead, ASkippedTaskIsNeitherLabelledNorEmpty) {
  auto skipped = task_;
  skipped["data"]["image"] = "/data/local-files/?d=b.jpg";
  skipped["annotations"][0]["was_cancelled"] = true;
  auto open = task_;
  open["data"]["image"] = "/data/local-files/?d=c.jpg";
  open["annotations"] = Json::array();
  const auto dataset = read(Json::array({task_, skipped, open}));
  EXPECT_EQ(dataset.samples.size(), 1u);
  ASSERT_EQ(dataset.problems.size(), 2u);
  EXPECT_EQ(dataset.problems[0].reason, "annotation_skipped");
  EXPECT_EQ(dataset.problems[1].reason, "not_annotated");
}

TEST_F(LabelStudioRead, OfSeveralAnnotationsTheLatestThatWasNotCancelledCounts) {
  auto later = annotation();
  later["updated_at"] = "2026-03-02T00:00:00Z";
  later["result"][0]["value"]["rectanglelabels"] = {"dog"};
  auto last = later;
  last["updated_at"] = "2026-04-02T00:00:00Z";
  last["was_cancelled"] = true;
  task_["annotations"] = {later, annotation(), last};
  const auto dataset = read();
  EXPECT_THAT(dataset.categories, ElementsAre("dog"));
  ASSERT_EQ(dataset.problems.size(), 1u);
  EXPECT_EQ(dataset.problems[0].reason, "several_annotations");
}

TEST_F(LabelStudioRead, ImagesAreFoundUnderWhateverNameLabelStudioGaveThem) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {"/data/local-files/?d=one/caf%C3%A9.jpg", "one/caf\u00e9.jpg"},
      {"/data/upload/3/1a2b3c4d-cat.jpg", "cat.jpg"},
      {"https://host.example/a/b%20c.jpg?sig=x/y", "b c.jpg"},
      {"s3://bucket/deep/d.png", "d.png"},
      {"plain/e.jpg", "plain/e.jpg"}};
  for (const auto& [text, key] : names) {
    task_["data"] = {{"picture", text}, {"note", "text"}};
    EXPECT_EQ(read().samples.at(0).image, key);
  }
  task_["data"] = {{"image", "/data/local-files/?d=../../etc/passwd"}};
  EXPECT_THAT(error(), AllOf(HasSubstr("tasks[0].data"), HasSubstr("unsafe_path")));
  task_["data"] = {{"text", "no image"}};
  EXPECT_THAT(error(), HasSubstr("names no image"));
}

TEST_F(LabelStudioRead, TheConfigurationGivesTheOrderAndTheClassesThereAre) {
  write_text(folder_ / "config.xml",
             "<View><Image name='image' value='$image'/><RectangleLabels name='label' "
             "toName='image'><Label value='dog'/><Label value='cat'/></RectangleLabels></View>");
  EXPECT_THAT(read().categories, ElementsAre("dog", "cat"));
  result()["value"]["rectanglelabels"] = {"catt"};
  EXPECT_THAT(error(), AllOf(HasSubstr("category 'catt' is not in config.xml"),
                             HasSubstr("did you mean 'cat'?"), HasSubstr("tasks[0].result[0]")));
}

TEST_F(LabelStudioRead, ATurnedBoxBecomesTheOneAroundIt) {
  result()["value"]["rotation"] = 90;  // around the top left corner, clockwise
  const auto dataset = read();
  const Box box = *dataset.samples.at(0).labels.at(0).box;
  EXPECT_NEAR(box.x2, 64, 1e-3);
  EXPECT_EQ(box.x1, 0);  // 64 - 240, clipped
  EXPECT_NEAR(box.y1, 120, 1e-3);
  EXPECT_NEAR(box.y2, 440, 1e-3);
  EXPECT_EQ(dataset.problems.size(), 2u);
}

TEST_F(LabelStudioRead, APolygonIsAnOutlineAndTheBoxAroundIt) {
  result()["type"] = "polygonlabels";
  result()["value"] = {
      {"points", {{10, 10}, {20, 10}, {20, 50}}}, {"closed", true}, {"polygonlabels", {"cat"}}};
  const auto label = read().samples.at(0).labels.at(0);
  EXPECT_EQ(label.box, (Box{64, 48, 128, 240}));
  EXPECT_EQ(label.segmentation, "[[64.0,48.0,128.0,48.0,128.0,240.0]]");
}

TEST_F(LabelStudioRead, RegionsWithoutLabelAndOtherKindsAreLeftOutAndSaid) {
  auto keypoint = result();
  keypoint["type"] = "keypointlabels";
  auto bare = result();
  bare["value"].erase("rectanglelabels");
  annotation()["result"] = {result(), keypoint, bare};
  const auto dataset = read();
  EXPECT_EQ(dataset.samples.at(0).labels.size(), 1u);
  ASSERT_EQ(dataset.problems.size(), 2u);
  EXPECT_EQ(dataset.problems[0].reason, "region_without_label");
  EXPECT_EQ(dataset.problems[1].reason, "unsupported_region");
}

TEST_F(LabelStudioRead, EveryFaultIsNamedWithItsPlace) {
  result()["original_width"] = "wide";
  EXPECT_THAT(error(), AllOf(HasSubstr("tasks[0].result[0]"), HasSubstr("original_width")));
  SetUp();
  result()["score"] = 1.5;
  EXPECT_THAT(error(), HasSubstr("field 'score' is 1.5, expected 0 to 1"));
  SetUp();
  annotation()["result"] = 3;
  EXPECT_THAT(error(), HasSubstr("field 'result' is no list"));
  SetUp();
  task_.erase("data");
  EXPECT_THAT(error(), HasSubstr("field 'data' is missing"));
}

TEST_F(LabelStudioRead, TheSameImageTwiceIsAFault) {
  write_text(folder_ / "export.json", Json::array({task_, task_}).dump());
  EXPECT_THROW(format_named("label_studio").read(folder_), ImportError);
  const auto repaired = format_named("label_studio").read(folder_, {.repair = true});
  EXPECT_EQ(repaired.samples.size(), 1u);
  ASSERT_EQ(repaired.problems.size(), 1u);
  EXPECT_EQ(repaired.problems[0].reason, "faulty");
}

}  // namespace
}  // namespace preannotate
