#include "pipeline/report_rank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Json interval(double value, double low, double high) {
  return {{"value", value}, {"low", low}, {"high", high}};
}

Json backbone(const std::string& name, double log_loss, double images_per_s, bool beyond) {
  return {{"name", name},
          {"file", "models/" + name + ".pt"},
          {"bytes", 13839259},
          {"parameters", 3370000},
          {"input_side", 224},
          {"features", "embedding+maps"},
          {"dimension", 1712},
          {"log_loss", log_loss},
          {"accuracy", interval(0.823, 0.776, 0.862)},
          {"log_me", 0.412},
          {"images_per_s", images_per_s},
          {"against_best",
           {{"log_loss", interval(log_loss - 0.5, 0.011, 0.067)},
            {"right", interval(-0.018, -0.041, 0.004)},
            {"beyond_noise", beyond}}}};
}

Json ranking() {
  return {{"task", "classify"},
          {"tool_version", "1.2.3"},
          {"data",
           {{"path", "seed"},
            {"images", 300},
            {"items", 300},
            {"item", "image"},
            {"per_class", {{"cat", 200}, {"dog", 100}}},
            {"left_out", Json::array()}}},
          {"method", "5-fold out-of-fold"},
          {"backbones", {backbone("lite2", 0.5, 60, false), backbone("lite0", 0.539, 132, true)}},
          {"failed", {{{"file", "bad.pt"}, {"reason", "bad.pt is no TorchScript file"}}}},
          {"recommendation", {{"name", "lite2"}, {"reason", "the least log-loss"}}},
          {"time", {{"total_s", 9.0}}}};
}

TEST(RankPage, ShowsTheFiguresOfTheFile) {
  const auto page = report::rank_page(ranking());
  for (const char* figure :
       {"<h1>Use lite2</h1>", "It is the least log-loss.", "0.539", "82.3 %", "77.6 to 86.2",
        "0.412", "132", "13.8", "3.4 M", "1712", "0.011 to 0.067", "-1.8", "worse", "bad.pt",
        "bad.pt is no TorchScript file", "5-fold out-of-fold", "300 images", "rank.json",
        "1.2.3"}) {
    EXPECT_THAT(page, HasSubstr(figure));
  }
}

TEST(RankPage, MarksTheOneToUseAndNoOther) {
  const auto page = report::rank_page(ranking());
  EXPECT_THAT(page, HasSubstr("lite2 <mark>use this</mark>"));
  EXPECT_THAT(page, Not(HasSubstr("lite0 <mark>use this</mark>")));
}

TEST(RankPage, EscapesWhateverComesFromOutside) {
  const std::string evil = "<script>alert(1)</script>\"'&\x1b[31m\xff";
  Json json = ranking();
  for (auto& entry : json["backbones"]) entry["name"] = evil;
  json["failed"][0] = {{"file", evil}, {"reason", evil}};
  json["recommendation"] = {{"name", evil}, {"reason", evil}};
  json["data"]["path"] = evil;
  json["data"]["per_class"] = {{evil, 3}};
  json["method"] = evil;
  json["tool_version"] = evil;
  const auto page = report::rank_page(json);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("\x1b")),
                          Not(HasSubstr("\xff")), HasSubstr("&lt;script&gt;")));
}

TEST(RankPage, LeavesOutWhatIsAbsent) {
  const auto page = report::rank_page(Json::object());
  EXPECT_THAT(page, AllOf(HasSubstr("</html>"), Not(HasSubstr("<table")), Not(HasSubstr("nan"))));
  Json json = ranking();
  json["backbones"].erase(1);
  EXPECT_THAT(report::rank_page(json), Not(HasSubstr("How far from the best")));
  json["backbones"][0]["parameters"] = nullptr;
  EXPECT_THAT(report::rank_page(json), HasSubstr("not defined"));
}

TEST(RankPage, ShowsWhatOnlySomeTasksHave) {
  Json json = ranking();
  EXPECT_THAT(report::rank_page(json), AllOf(Not(HasSubstr("AP50")), Not(HasSubstr(">mAP<"))));
  json["task"] = "detect";
  json["data"]["item"] = "crop";
  json["backbones"][0]["map50"] = 0.612;
  EXPECT_THAT(report::rank_page(json),
              AllOf(HasSubstr("AP50"), HasSubstr("0.612"), HasSubstr("300 crops of objects")));
  json["task"] = "multilabel";
  json["backbones"][0]["map"] = 0.713;
  EXPECT_THAT(report::rank_page(json), AllOf(HasSubstr(">mAP<"), HasSubstr("0.713")));
}

}  // namespace
}  // namespace preannotate
