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
using namespace testing_support;

class Datumaro : public testing::Test {
 protected:
  void SetUp() override {
    json_ = parse_json(R"({"info":{},"categories":{"label":{"labels":[
        {"name":"cat","parent":"","attributes":[]},{"name":"dog","parent":"","attributes":[]}],
        "attributes":[]}},
      "items":[{"id":"sub/a","annotations":[
        {"id":1,"type":"bbox","label_id":1,"group":0,"z_order":0,"bbox":[10,20,30,40],
         "attributes":{"score":0.87,"source":"auto"}},
        {"id":2,"type":"label","label_id":0,"group":0,"attributes":{}},
        {"id":3,"type":"points","label_id":0,"points":[1,2],"attributes":{}}],
        "attr":{"frame":0},"image":{"path":"sub/a.jpg","size":[80,100]}}]})",
                       "base");
  }
  Dataset read() {
    write_text(folder_ / "annotations" / "train.json", json_.dump());
    return format_named("datumaro").read(folder_);
  }
  std::string error() {
    try {
      read();
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  }
  Json& item() { return json_["items"][0]; }
  fs::path folder_ = test_folder();
  Json json_;
};

TEST_F(Datumaro, ReadsBoxesLabelsAndSizes) {
  const auto dataset = read();
  EXPECT_THAT(dataset.categories, ElementsAre("cat", "dog"));
  ASSERT_EQ(dataset.samples.size(), 1u);
  const Sample& sample = dataset.samples[0];
  EXPECT_EQ(sample.image, "sub/a.jpg");
  EXPECT_EQ(sample.width, 100);
  EXPECT_EQ(sample.height, 80);
  ASSERT_EQ(sample.labels.size(), 2u);
  EXPECT_EQ(sample.labels[0].box, (Box{10, 20, 40, 60}));
  EXPECT_EQ(sample.labels[0].score, 0.87);
  EXPECT_EQ(sample.labels[1].category, 0);
  ASSERT_EQ(dataset.problems.size(), 1u);
  EXPECT_EQ(dataset.problems[0].reason, "unsupported_shape");
}

TEST_F(Datumaro, SubsetsAreOneDataset) {
  auto other = json_;
  other["items"][0]["image"]["path"] = "b.jpg";
  write_text(folder_ / "annotations" / "val.json", other.dump());
  write_text(folder_ / "images" / "train" / "sub" / "a.jpg", "");
  write_text(folder_ / "images" / "val" / "b.jpg", "");
  const auto dataset = read();
  ASSERT_EQ(dataset.samples.size(), 2u);
  for (const Sample& sample : dataset.samples) EXPECT_TRUE(fs::exists(image_file(dataset, sample)));
  other["categories"]["label"]["labels"][0]["name"] = "cow";
  write_text(folder_ / "annotations" / "val.json", other.dump());
  EXPECT_THAT(error(), HasSubstr("labels differ"));
}

TEST_F(Datumaro, FaultsNameTheirPlace) {
  item()["annotations"][0]["label_id"] = 2;
  item()["annotations"][1]["label_id"] = -1;
  EXPECT_THAT(error(),
              AllOf(HasSubstr("2 faults"), HasSubstr("train.json: items[0].annotations[0]"),
                    HasSubstr("field 'label_id' is 2, expected 0 to 1")));
  SetUp();
  item()["image"]["size"] = {80.5, 100};
  EXPECT_THAT(error(),
              HasSubstr("the height in field 'size' is 80.5, expected a whole number of pixels"));
  SetUp();
  item()["image"]["size"] = {80, 0};
  EXPECT_THAT(
      error(),
      HasSubstr("the width in field 'size' is 0, expected a whole number of pixels above 0"));
  SetUp();
  item()["image"]["path"] = "/etc/passwd";
  EXPECT_THAT(error(), HasSubstr("unsafe_path"));
}

TEST_F(Datumaro, WritesSizesAsHeightAndWidthAndIdsWithoutExtension) {
  format_named("datumaro").write(boxed_drafts(), folder_);
  const auto json = read_json(folder_ / "annotations" / "default.json");
  EXPECT_EQ(json["items"][2]["id"], "one/same");
  EXPECT_EQ(json["items"][2]["image"]["size"], Json({480, 640}));
  EXPECT_EQ(json["items"][1]["annotations"], Json::array());
  EXPECT_EQ(json["items"][0]["annotations"][0]["id"], 1);
}

}  // namespace
}  // namespace preannotate
