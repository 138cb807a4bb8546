#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "preannotate/pipeline/report.h"
#include "report_metrics.h"

namespace preannotate {
namespace {

using namespace testing_support;
using testing::HasSubstr;
using testing::Not;

Json class_figures(const std::string& name, double map50) {
  return {{"name", name}, {"objects", 400},     {"map", 0.5},       {"map50", map50},
          {"ar100", 0.6}, {"conf", 0.42},       {"precision", 0.9}, {"recall", 0.8},
          {"right", 301}, {"badly_placed", 17}, {"swapped", 5},     {"false_boxes", 23},
          {"missed", 77}};
}

Json curve(const std::string& name) {
  return {{"name", name}, {"recall", {0.1, 0.5, 0.9}}, {"precision", {1, 0.9, 0.6}}};
}

/// What train writes of a detector.
Json detector(const std::string& one = "cat") {
  Json metrics = whole({one, "dog"});
  metrics["task"] = "detect";
  metrics.erase("feature_choice");
  metrics["data"]["objects"] = 812;
  metrics["head"] = {{"kind", "detector"},  {"strides", {8, 16, 32}},
                     {"frame", {512, 384}}, {"channels", 64},
                     {"weights", 87231},    {"views", 6},
                     {"steps", 650},        {"batch", 4}};
  metrics["training"] = {{"checks",
                          {{{"step", 100}, {"loss", 2.1}, {"map50", 0.5}},
                           {{"step", 200}, {"loss", 1.4}, {"map50", 0.8}}}},
                         {"chosen_step", 200}};
  metrics["fine_tune"] = {
      {"stages", {"blocks.6"}}, {"map50_before", 0.812}, {"map50_after", 0.834}, {"kept", true}};
  const auto point = [](double conf, double seconds) {
    return Json{{"conf", conf}, {"seconds_per_image", seconds}, {"shown", 3}};
  };
  metrics["validation"] = {
      {"method", "3-fold out-of-fold"},
      {"items", 60},
      {"objects", 812},
      {"map", 0.541},
      {"map50", 0.8731},
      {"map75", 0.61},
      {"map_small", nullptr},
      {"map_medium", 0.52},
      {"map_large", 0.66},
      {"ar100", 0.64},
      {"ar_medium", 0.63},
      {"map50_interval", {{"value", 0.8731}, {"low", 0.841}, {"high", 0.902}}},
      {"d_ece", 0.034},
      {"la_ece", 0.101},
      {"d_ece_before_calibration", 0.151},
      {"la_ece_before_calibration", 0.202},
      {"reliability",
       {{{"low", 0}, {"high", 0.1}, {"items", 90}, {"confidence", 0.05}, {"accuracy", 0.1}}}},
      {"per_class", {class_figures(one, 0.9), class_figures("dog", 0.7)}},
      {"curves", {curve(one), curve("dog")}},
      {"effort",
       {{"seconds_per_image", 34.0},
        {"manual_seconds_per_image", 75.0},
        {"saved_share", 0.547},
        {"curve", {point(0.2, 60), point(0.4, 34), point(0.8, 50), point(1, 75)}}}}};
  return metrics;
}

std::vector<BoxPicture> two_pictures(const std::string& name = "cat") {
  BoxPicture missed{"a/1.jpg", true, name, 0.12, 200, 100, "\xFF\xD8\xFF", {}};
  missed.boxes = {{{10, 20, 60, 80}, name, -1, true}, {{12, 22, 50, 70}, "dog", 0.77, false}};
  BoxPicture wrong{"b/2.jpg", false, name, 0.93, 320, 320, "\xFF\xD8\xFF", {}};
  wrong.boxes = {{{0, 0, 50, 50}, name, 0.93, true}};
  return {missed, wrong};
}

TEST(DetectionReport, SaysHowGoodTheDraftsAreAndWhatTheySave) {
  const auto page = report_html(detector(), {}, two_pictures());
  for (const char* words :
       {"<h1>AP50 0.873", "(95 % interval 0.84–0.90)", "55 % of the time saved",
        "<title>AP50 0.873, 55 % of the time saved", "34 s</span>; drawing all its boxes",
        "1 min 15 s</span>.", "60 images, 812 objects", "3-fold out-of-fold", "0.541", "0.610",
        "0.151 uncalibrated", "0.202 uncalibrated", "Training report"}) {
    EXPECT_THAT(page, HasSubstr(words));
  }
  EXPECT_EQ(unbalanced_tag(page), "");
}

TEST(DetectionReport, ShowsTheFiguresOfTheFile) {
  const auto page = report_html(detector(), {}, two_pictures());
  for (const char* figure :
       {"strides 8, 16, 32", "frame 512 × 384 px", "64 channels", "87,231 weights",
        "650 steps of 4 images", "812 objects, 2 classes", "0.812 to 0.834", "step 200 is used",
        ">0.42<", ">301<", ">17<", ">77<", ">23<", "90 %", "cat/7.jpg ends"}) {
    EXPECT_THAT(page, HasSubstr(figure));
  }
  const auto table = page.substr(page.find("id=\"classes\""));
  EXPECT_LT(table.find(">dog</th>"), table.find(">cat</th>"));  // weakest first
}

TEST(DetectionReport, SaysWhenDraftsCostMoreThanTheySave) {
  auto metrics = detector();
  metrics["validation"]["effort"]["saved_share"] = -0.12;
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("12 % longer than drawing"));
}

TEST(DetectionReport, HasASectionOnlyWithItsData) {
  const struct {
    const char* id;
    std::vector<const char*> pointers;  // each, removed, takes the section away
  } sections[] = {{"advice", {"/advice"}},
                  {"effort", {"/validation/effort/curve", "/validation/effort", "/validation"}},
                  {"classes", {"/validation/per_class", "/validation"}},
                  {"curves", {"/validation/curves", "/validation"}},
                  {"calibration", {"/validation/reliability", "/validation"}},
                  {"training", {"/training/checks", "/training"}},
                  {"sizes", {"/validation"}},
                  {"fine-tune", {"/fine_tune"}},
                  {"data", {"/data/per_class", "/data"}},
                  {"left-out", {"/data/left_out", "/data"}}};
  const auto page = report_html(detector(), {}, two_pictures());
  EXPECT_THAT(page, HasSubstr("<section id=\"mistakes\">"));
  EXPECT_THAT(report_html(detector(), {}), Not(HasSubstr("<section id=\"mistakes\">")));
  for (const auto& [id, pointers] : sections) {
    const auto opening = std::string("<section id=\"") + id + "\">";
    EXPECT_THAT(page, HasSubstr(opening));
    for (const char* pointer : pointers) {
      for (const Json& gone : {Json(nullptr), Json::array()}) {
        auto metrics = detector();
        metrics[Json::json_pointer(pointer)] = gone;
        EXPECT_THAT(report_html(metrics, {}), Not(HasSubstr(opening))) << pointer;
      }
    }
  }
}

TEST(DetectionReport, DrawsTruthAndDraftOverThePicture) {
  const auto page = report_html(detector(), {}, two_pictures());
  const auto section = page.substr(page.find("id=\"mistakes\""));
  const auto missed = section.substr(section.find("<figure>"));
  const auto picture = missed.substr(0, missed.find("</figure>"));
  EXPECT_THAT(picture, HasSubstr("viewBox=\"0 0 200 100\""));
  EXPECT_THAT(picture, HasSubstr("<g class=\"truth subject\"><rect class=\"casing\" x=\"10.0\" "
                                 "y=\"20.0\" width=\"50.0\" height=\"60.0\"/>"));
  EXPECT_THAT(picture, HasSubstr("<title>labelled: cat</title>"));
  EXPECT_THAT(picture, HasSubstr("<g class=\"draft\">"));
  EXPECT_THAT(picture, HasSubstr("<title>drafted: dog 0.77</title>"));
  EXPECT_THAT(picture, HasSubstr("best score near it 0.12"));
  EXPECT_THAT(section, HasSubstr("<b>0.93</b>"));
  EXPECT_LT(section.find("a/1.jpg"), section.find("False boxes"));
  EXPECT_GT(section.find("b/2.jpg"), section.find("False boxes"));
}

TEST(DetectionReport, ShortensALongNameOnThePictureOnly) {
  const std::string name = "ein sehr langer Name über alles";
  const auto page = report_html(detector(), {}, two_pictures(name));
  EXPECT_THAT(page, HasSubstr(">ein sehr langer …</text>"));
  EXPECT_THAT(page, HasSubstr("<i>missed</i> " + name));
  const std::string umlauts = "üüüüüüüüüüüüüüüüüüüü";
  EXPECT_THAT(report_html(detector(), {}, two_pictures(umlauts)),
              HasSubstr(">" + umlauts.substr(0, 32) + "…</text>"));
}

TEST(DetectionReport, ShowsAMistakeWithoutItsPicture) {
  auto pictures = two_pictures();
  for (auto& picture : pictures) picture.jpeg.clear();
  const auto page = report_html(detector(), {}, pictures);
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("no preview"));
  EXPECT_THAT(page, HasSubstr("a/1.jpg"));
}

TEST(DetectionReport, EscapesWhateverComesFromOutside) {
  const std::string evil = "<script>alert(1)</script>\"'&\x1b[31m\xff";
  auto metrics = detector(evil);
  metrics["validation"]["method"] = evil;
  metrics["advice"][0] = evil;
  auto pictures = two_pictures(evil);
  pictures[0].image = pictures[1].image = evil;
  const auto page = report_html(metrics, {}, pictures);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
  EXPECT_EQ(unbalanced_tag(page), "");
}

TEST(DetectionReport, NeedsNothingFromElsewhere) {
  const auto page = report_html(detector(), {}, two_pictures());
  EXPECT_THAT(page, HasSubstr("content=\"default-src 'none'; img-src data:; style-src "
                              "'unsafe-inline'\""));
  for (const char* forbidden : {"http:", "https:", "//", "url(", "@import", "href=", "<script",
                                "<link", "<iframe", "onerror", "onload"}) {
    EXPECT_THAT(page, Not(HasSubstr(forbidden)));
  }
}

TEST(DetectionReport, SaysThatThereIsNoEstimateAndWhy) {
  auto metrics = detector();
  metrics["validation"] = nullptr;
  metrics["validation_reason"] = "one image cannot be held out";
  const auto page = report_html(metrics, {});
  EXPECT_THAT(page, HasSubstr("<h1>No quality estimate</h1>"));
  EXPECT_THAT(page, HasSubstr("One image cannot be held out."));
  EXPECT_THAT(page, Not(HasSubstr("AP50</dt>")));
}

TEST(DetectionReport, SurvivesPartsOfTheWrongKind) {
  const auto flat = detector().flatten();
  const std::regex no_number("\\b(nan|inf|infinity)\\b", std::regex::icase);
  for (const auto& [pointer, value] : flat.items()) {
    if (pointer == "/task") continue;
    for (const Json& wrong : {Json(nullptr), Json("text"), Json(-1), Json(1e300), Json::array({1}),
                              Json{{"a", nullptr}}}) {
      auto metrics = detector();
      metrics[Json::json_pointer(pointer)] = wrong;
      const auto page = report_html(metrics, {});
      EXPECT_EQ(unbalanced_tag(page), "") << pointer << " " << wrong;
      EXPECT_FALSE(std::regex_search(page, no_number)) << pointer << " " << wrong;
    }
  }
  EXPECT_THAT(report_html({{"task", "detect"}}, {}), HasSubstr("No quality estimate"));
}

TEST(DetectionReport, OfAnotherTaskHasNoneOfItsParts) {
  const auto page = report_html(whole(), one_picture(), two_pictures());
  for (const char* words : {"AP50", "a/1.jpg", ".shot", "class=\"legend\""}) {
    EXPECT_THAT(page, Not(HasSubstr(words)));
  }
}

}  // namespace
}  // namespace preannotate
