#include "pipeline/report_drafts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

namespace preannotate {
namespace {

using testing::HasSubstr;
using testing::Not;

Json summary_with(const std::string& verdict, const std::string& other_class = "dog") {
  return {{"model_version", "789d7424793d"},
          {"skipped", 3},
          {"failed", 1},
          {"buckets", {{"accept", 1420}, {"empty", 0}, {"review", 330}}},
          {"drift",
           {{"verdict", verdict},
            {"images", 750},
            {"reference_images", 300},
            {"auc", {{"value", 0.84}, {"low", 0.8}, {"high", 0.87}}},
            {"p_value", 1e-24},
            {"strange_share", 0.412},
            {"class_mix",
             {{"seed", {{"cat", 0.5}, {other_class, 0.5}}},
              {"folder", {{"cat", 1}, {other_class, 0}}},
              {"total_variation", 0.5},
              {"missing", {other_class}},
              {"dominant", "cat"}}}}}};
}

TEST(DraftsReport, SaysInOneSentenceWhetherTheFolderIsLikeTheSeed) {
  EXPECT_THAT(drafts_report(summary_with("like"), {}),
              HasSubstr("<h1>The folder is like the seed</h1>"));
  EXPECT_THAT(drafts_report(summary_with("unlike"), {}),
              HasSubstr("<h1 class=\"unlike\">The folder is unlike the seed</h1>"));
}

TEST(DraftsReport, ShowsTheFiguresOfTheSummary) {
  const auto page = drafts_report(summary_with("unlike"), {});
  for (const char* figure :
       {"0.84", "0.80–0.87", "&lt; 0.0001", "41 %", "of 750 images", "1,420", "330", "<b>4</b>",
        "789d7424793d", "50.0 %", "100.0 %", "Never drafted: dog.", "Nearly all drafts are cat."}) {
    EXPECT_THAT(page, HasSubstr(figure));
  }
}

TEST(DraftsReport, SaysWhyThereIsNoVerdict) {
  auto few = summary_with("too_few_images");
  few["drift"]["images"] = 5;
  EXPECT_THAT(drafts_report(few, {}),
              HasSubstr("5 images of the folder and 300 images of the seed"));
  auto none = summary_with("no_reference");
  for (const char* key : {"images", "auc", "p_value", "strange_share"}) none["drift"].erase(key);
  const auto page = drafts_report(none, {});
  EXPECT_THAT(page, HasSubstr("keeps no images to compare with"));
  EXPECT_THAT(page, Not(HasSubstr("p-value")));
  EXPECT_THAT(page, HasSubstr("330"));
}

TEST(DraftsReport, ShowsTheStrangestImages) {
  const auto page =
      drafts_report(summary_with("like"),
                    {{{"a/7.jpg", "cat", 0.99, 1.25}, "jpeg bytes"}, {{"b.png", "", 0.5, 1}, ""}});
  EXPECT_THAT(page, HasSubstr("data:image/jpeg;base64,"));
  for (const char* words : {"a/7.jpg", "99 %", "1.25", "b.png", "no preview", "nothing"}) {
    EXPECT_THAT(page, HasSubstr(words));
  }
}

TEST(DraftsReport, EscapesWhateverComesFromOutside) {
  const std::string evil = "<script>alert(1)</script>\"'&\x1b[31m";
  auto summary = summary_with("like", evil);
  summary["model_version"] = evil;
  summary["drift"]["class_mix"]["dominant"] = evil;
  const auto page =
      drafts_report(summary, {{{evil, evil, 1, 1}, "jpeg"}, {{evil, evil, 1, 1}, ""}});
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_FALSE(std::regex_search(page, std::regex("\\b(src|href)=\"(?!data:)")));
}

TEST(DraftsReport, OfManyClassesThoseThatChangedMostAreShown) {
  auto summary = summary_with("like");
  Json& mix = summary["drift"]["class_mix"];
  for (const char* part : {"seed", "folder"}) mix[part] = Json::object();
  for (int c = 0; c < 100; ++c) {
    const std::string name = "class" + std::to_string(c);
    mix["seed"][name] = 0.01;
    mix["folder"][name] = c == 99 ? 0.05 : c < 30 ? 0.011 : 0.01;
  }
  const auto page = drafts_report(summary, {});
  EXPECT_THAT(page, HasSubstr(">class99<"));
  EXPECT_THAT(page, HasSubstr(">class28<"));
  EXPECT_THAT(page, Not(HasSubstr(">class29<")));
  EXPECT_THAT(page, HasSubstr("The 30 of 100 classes"));
}

TEST(DraftsReport, ASummaryWithoutAnythingIsAPageToo) {
  EXPECT_THAT(drafts_report(Json::object(), {}), HasSubstr("</html>"));
}

}  // namespace
}  // namespace preannotate
