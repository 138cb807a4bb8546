#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

class LabelStudio : public testing::Test {
 protected:
  Json tasks(const Dataset& dataset) const {
    format_named("label_studio").write(dataset, folder_);
    return read_json(folder_ / "tasks.json");
  }
  std::string config() const { return read_text(folder_ / "config.xml"); }
  std::filesystem::path folder_ = test_folder();
};

TEST_F(LabelStudio, AClassIsOneChoiceOfOnePrediction) {
  const Dataset dataset{
      {}, {"cat", "dog"}, {draft("sub/a b%.jpg", {{1, 0.9312345678}})}, "0123456789ab", {}};
  EXPECT_EQ(tasks(dataset), parse_json(R"([{
      "data":{"image":"/data/local-files/?d=sub/a%20b%25.jpg","pa_image":"sub/a b%.jpg",
        "pa_width":640,"pa_height":480,"pa_bucket":"review"},
      "predictions":[{"model_version":"0123456789ab","score":0.75,"result":[
        {"id":"d3f9a1c2e7b0","type":"choices","from_name":"class","to_name":"image","score":0.931235,
         "value":{"choices":["dog"]}}]}]}])",
                                       "expected"));
  EXPECT_THAT(config(), HasSubstr("<Choices name=\"class\" toName=\"image\" choice=\"single\">"));
  EXPECT_THAT(config(), Not(HasSubstr("RectangleLabels")));
}

TEST_F(LabelStudio, SeveralClassesAreOneResultThatKeepsEachIdAndScore) {
  const Dataset dataset{
      {}, {"cat", "dog"}, {draft("a.jpg", {{0, 0.9}, {1, 0.8}})}, "0123456789ab", {}};
  const auto result = tasks(dataset)[0]["predictions"][0]["result"];
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(
      result[0],
      parse_json(R"({"id":"d3f9a1c2e7b0","type":"choices","from_name":"class","to_name":"image",
      "score":0.8,"meta":{"pa_ids":["d3f9a1c2e7b0","d3f9a1c2e7b1"],"pa_scores":[0.9,0.8]},
      "value":{"choices":["cat","dog"]}})",
                 "expected"));
  EXPECT_THAT(config(), HasSubstr("choice=\"multiple\""));
}

TEST_F(LabelStudio, BoxesAreRectanglesInPercentWithinTheImage) {
  Dataset dataset{{}, {"cat"}, {draft("a.jpg", {})}, "0123456789ab", {}};
  dataset.samples[0].labels.push_back({0, 0.87, Box{64, 48, 700, 120}, "p3f9a1c2e7b0"});
  const auto result = tasks(dataset)[0]["predictions"][0]["result"];
  EXPECT_EQ(result,
            parse_json(R"([{"id":"p3f9a1c2e7b0","type":"rectanglelabels","from_name":"label",
      "to_name":"image","original_width":640,"original_height":480,"image_rotation":0,"score":0.87,
      "value":{"x":10.0,"y":10.0,"width":90.0,"height":15.0,"rotation":0,"rectanglelabels":["cat"]}}])",
                       "expected"));
  EXPECT_THAT(config(), HasSubstr("<Label value=\"cat\" category=\"1\"/>"));
  EXPECT_THAT(config(), Not(HasSubstr("Choices")));
  dataset.samples[0].height = 0;
  EXPECT_THROW(tasks(dataset), UserError);
}

TEST_F(LabelStudio, AllBoxesOfAnImageAreOnePredictionWithTheirDraftIds) {
  const auto dataset = boxed_drafts();
  const auto json = tasks(dataset);
  ASSERT_EQ(json.size(), dataset.samples.size());
  for (size_t i = 0; i < json.size(); ++i) {
    const auto& predictions = json[i]["predictions"];
    ASSERT_EQ(predictions.size(), 1u);
    ASSERT_EQ(predictions[0]["result"].size(), dataset.samples[i].labels.size());
    for (size_t k = 0; k < dataset.samples[i].labels.size(); ++k) {
      const Label& label = dataset.samples[i].labels[k];
      const auto& result = predictions[0]["result"][k];
      EXPECT_EQ(result["type"], label.box ? "rectanglelabels" : "choices");
      if (!label.id.empty()) {
        EXPECT_EQ(result["id"], label.id);
      }
      EXPECT_EQ(result.contains("score"), label.score.has_value());
      if (!label.box) continue;
      const auto& value = result["value"];
      EXPECT_NEAR(value["x"].get<double>() * 6.4, label.box->x1, 1e-4);
      EXPECT_NEAR(value["height"].get<double>() * 4.8, label.box->height(), 1e-4);
      EXPECT_LE(value["x"].get<double>() + value["width"].get<double>(), 100);
    }
  }
  EXPECT_THAT(config(), HasSubstr("RectangleLabels"));
  EXPECT_THAT(config(), HasSubstr("<Choices"));
}

TEST_F(LabelStudio, EveryImageIsATaskAndIdsAreUnique) {
  auto dataset = unusual_drafts(folder_ / "images");
  dataset.samples.push_back(draft("z-empty.jpg", {}));
  for (Sample& sample : dataset.samples) {
    for (Label& label : sample.labels) label.id.clear();
  }
  const auto json = tasks(dataset);
  ASSERT_EQ(json.size(), dataset.samples.size());
  std::set<std::string> ids;
  for (const auto& task : json) {
    ASSERT_EQ(task["predictions"].size(), 1u);
    for (const auto& result : task["predictions"][0]["result"]) ids.insert(result["id"]);
  }
  EXPECT_EQ(ids.size(), dataset.samples.size() - 1);
  for (const auto& id : ids) EXPECT_EQ(id.find('#'), id.npos);
  EXPECT_TRUE(json.back()["predictions"][0]["result"].empty());
}

TEST_F(LabelStudio, TheConfigurationIsEscaped) {
  tasks(unusual_drafts(folder_ / "images"));
  EXPECT_THAT(config(),
              HasSubstr("<Choice value=\"&lt;script&gt;&quot;it&#39;s&quot; &amp; more\"/>"));
  EXPECT_THAT(config(), Not(HasSubstr("<script>")));
}

TEST_F(LabelStudio, AddressesHoldOnlyWhatAnAddressMay) {
  for (const auto& task : tasks(unusual_drafts(folder_ / "images"))) {
    const auto address = task["data"]["image"].get<std::string>();
    const auto path = address.substr(std::string("/data/local-files/?d=").size());
    EXPECT_EQ(path.find_first_of(" #?&\"<>,"), path.npos) << path;
    for (const char c : path) EXPECT_GT(static_cast<signed char>(c), 0x20) << path;
  }
}

TEST_F(LabelStudio, LabelsOfPeopleAreAnnotationsEmptyOnesToo) {
  Dataset dataset{{}, {"cat"}, {draft("a.jpg", {}), draft("b.jpg", {})}, "", {}};
  dataset.samples[0].labels.push_back({0, {}, Box{64, 48, 128, 96}, ""});
  const auto json = tasks(dataset);
  for (const auto& task : json) EXPECT_FALSE(task.contains("predictions"));
  EXPECT_EQ(json[0]["annotations"][0]["result"].size(), 1u);
  EXPECT_EQ(json[1]["annotations"][0]["result"], Json::array());
  const auto back = format_named("label_studio").read(folder_);
  EXPECT_EQ(back.samples.size(), 2u);
  EXPECT_TRUE(back.problems.empty());
}

}  // namespace
}  // namespace preannotate
