#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

using namespace testing_support;

class Coco : public testing::Test {
 protected:
  Json written(const Dataset& dataset) const {
    format_named("coco").write(dataset, folder_);
    return read_json(folder_ / "annotations.json");
  }
  std::filesystem::path folder_ = test_folder();
};

TEST_F(Coco, HasEverySectionAndIdsFromOne) {
  const auto dataset = unusual_drafts(folder_ / "images");
  const auto json = written(dataset);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys,
              testing::ElementsAre("info", "licenses", "images", "categories", "annotations"));
  for (const char* section : {"images", "categories", "annotations"}) {
    for (size_t i = 0; i < json[section].size(); ++i) EXPECT_EQ(json[section][i]["id"], i + 1);
  }
  ASSERT_EQ(json["images"].size(), dataset.samples.size());
  for (size_t i = 0; i < dataset.samples.size(); ++i) {
    EXPECT_EQ(json["images"][i]["file_name"], dataset.samples[i].image);
  }
  EXPECT_EQ(json["categories"][0]["name"], dataset.categories[0]);
}

TEST_F(Coco, AClassBecomesABoxOfTheWholeImageThatSaysSo) {
  Dataset dataset{{}, {"cat", "dog"}, {draft("a.jpg", {{1, 0.9312345678}})}, "0123456789ab", {}};
  EXPECT_EQ(written(dataset)["annotations"], parse_json(R"([{"id":1,"image_id":1,"category_id":2,
      "bbox":[0.0,0.0,640.0,480.0],"area":307200.0,"iscrowd":0,"segmentation":[],"score":0.931235,
      "attributes":{"source":"auto","model_version":"0123456789ab","bucket":"review",
                    "draft_id":"d3f9a1c2e7b0","image_level":true}}])",
                                                        "expected"));
}

TEST_F(Coco, ABoxKeepsItsPlace) {
  Dataset dataset{{}, {"cat"}, {draft("a.jpg", {})}, "", {}};
  dataset.samples[0].bucket = "";
  dataset.samples[0].labels.push_back({0, {}, Box{10.1234567f, 20.5f, 40.2f, 60.75f}, {}});
  EXPECT_EQ(written(dataset)["annotations"], parse_json(R"([{"id":1,"image_id":1,"category_id":1,
      "bbox":[10.123,20.5,30.077,40.25],"area":1210.599,"iscrowd":0,"segmentation":[],
      "attributes":{"source":"manual"}}])",
                                                        "expected"));
}

TEST_F(Coco, ACrowdAndTheAreaOfAnObjectAreKept) {
  Dataset dataset{{}, {"cat"}, {draft("a.jpg", {})}, "", {}};
  dataset.samples[0].labels.push_back({0, {}, Box{10, 20, 40, 60}, {}, true, 777.5});
  const auto json = written(dataset);
  EXPECT_EQ(json["annotations"][0]["iscrowd"], 1);
  EXPECT_EQ(json["annotations"][0]["area"], 777.5);
  EXPECT_EQ(format_named("coco").read(folder_).samples, [&] {
    auto samples = dataset.samples;
    samples[0].uncertainty = 0;
    return samples;
  }());
}

TEST_F(Coco, AnAreaThatHasNoDecimalsToRoundStaysAsItIs) {
  auto dataset = boxed_drafts();
  dataset.samples[0].labels[0].area = 1e307;
  EXPECT_EQ(written(dataset)["annotations"][0]["area"], 1e307);
}

TEST_F(Coco, ImagesWithoutLabelsAreKept) {
  Dataset dataset{
      {}, {"cat"}, {draft("a.jpg", {}), draft("b.jpg", {{0, 0.5}})}, "0123456789ab", {}};
  const auto json = written(dataset);
  EXPECT_EQ(json["images"].size(), 2u);
  EXPECT_EQ(json["annotations"].size(), 1u);
  EXPECT_EQ(json["annotations"][0]["image_id"], 2);
}

TEST_F(Coco, ALabelledImageOfUnknownSizeIsAUserErrorAndNothingIsWritten) {
  Dataset dataset{{}, {"cat"}, {draft("a.jpg", {{0, 0.5}})}, "0123456789ab", {}};
  dataset.samples[0].width = 0;
  EXPECT_THROW(written(dataset), UserError);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(Coco, ResultsAreAListOfBoxesWithScores) {
  written(boxed_drafts());
  const auto results = read_json(folder_ / "results.json");
  EXPECT_EQ(results, parse_json(R"([
      {"image_id":1,"category_id":2,"bbox":[0.0,0.0,640.0,480.0],"score":0.93},
      {"image_id":1,"category_id":1,"bbox":[10.125,20.5,30.125,40.25],"score":0.123457}])",
                                "expected"));
}

TEST_F(Coco, AnEmptyListOfResultsIsNotWritten) {
  Dataset dataset{{}, {"cat"}, {draft("a.jpg", {{0, 0.5}}), draft("b.jpg", {})}, "", {}};
  written(dataset);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "results.json"));
}

}  // namespace
}  // namespace preannotate
