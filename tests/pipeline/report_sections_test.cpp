#include "preannotate/pipeline/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report_metrics.h"

namespace preannotate {
namespace {

using namespace testing_support;
using testing::HasSubstr;
using testing::Not;

TEST(ReportSections, ListsTheWeakestClassFirst) {
  auto metrics = whole({"good", "poor", "never"});
  metrics["validation"]["per_class"][0]["f1"] = 0.9;
  metrics["validation"]["per_class"][1]["f1"] = 0.2;
  metrics["validation"]["per_class"][2] = {{"name", "never"},   {"support", 0},
                                           {"predicted", 0},    {"precision", nullptr},
                                           {"recall", nullptr}, {"f1", 0}};
  const auto page = report_html(metrics, {});
  const auto table = page.substr(page.find("id=\"classes\""));
  EXPECT_LT(table.find("poor</th>"), table.find("good</th>"));
  EXPECT_LT(table.find("good</th>"), table.find("never</th>"));
  const auto never = table.substr(table.find("never</th>"));
  EXPECT_THAT(never.substr(0, never.find("</tr>")), Not(HasSubstr("0.0")));
}

TEST(ReportSections, EncodesPicturesInBase64) {
  // RFC 4648, section 10.
  const std::vector<std::pair<std::string, std::string>> examples{
      {"f", "Zg=="},        {"fo", "Zm8="},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}, {std::string("\0\xFF\xFB", 3), "AP/7"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_THAT(report_html(whole(), {{"a.jpg", "cat", "dog", 0.9, bytes}}),
                HasSubstr("base64," + text + "\">"));
  }
}

TEST(ReportSections, ShowsAMistakeWithoutItsPicture) {
  const auto page = report_html(whole(), {{"gone.jpg", "cat", "dog", 0.9, ""}});
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("gone.jpg"));
}

TEST(ReportSections, HasASectionOnlyWithItsData) {
  const struct {
    const char* id;
    std::vector<const char*> pointers;  // each, removed, takes the section away
  } sections[] = {{"advice", {"/advice"}},
                  {"classes", {"/validation/per_class", "/validation"}},
                  {"acceptance", {"/thresholds"}},
                  {"confusion", {"/validation/confusion", "/validation"}},
                  {"calibration", {"/validation/reliability", "/validation"}},
                  {"penalty", {"/head/path", "/head"}},
                  {"features", {"/feature_choice"}},
                  {"fine-tune", {"/fine_tune"}},
                  {"data", {"/data/per_class", "/data"}},
                  {"left-out", {"/data/left_out", "/data"}}};
  const auto page = report_html(whole(), one_picture());
  EXPECT_THAT(page, HasSubstr("<section id=\"mistakes\">"));
  EXPECT_THAT(report_html(whole(), {}), Not(HasSubstr("<section id=\"mistakes\">")));
  for (const auto& [id, pointers] : sections) {
    const auto opening = std::string("<section id=\"") + id + "\">";
    EXPECT_THAT(page, HasSubstr(opening));
    for (const char* pointer : pointers) {
      auto metrics = whole();
      metrics[Json::json_pointer(pointer)] = nullptr;
      EXPECT_THAT(report_html(metrics, {}), Not(HasSubstr(opening))) << pointer;
      metrics[Json::json_pointer(pointer)] = Json::array();
      EXPECT_THAT(report_html(metrics, {}), Not(HasSubstr(opening))) << pointer;
    }
  }
}

TEST(ReportSections, ShowsAMatrixForFewClassesAndAListForMany) {
  for (const int classes : {2, 30}) {
    const auto page = report_html(whole(numbered_classes(classes)), {});
    EXPECT_THAT(page, HasSubstr("<table class=\"matrix"));
    EXPECT_EQ(unbalanced_tag(page), "");
  }
  const auto page = report_html(whole(numbered_classes(60)), {});
  EXPECT_THAT(page, Not(HasSubstr("<table class=\"matrix")));
  EXPECT_THAT(page, HasSubstr("The most frequent of 60 confused pairs"));
  const auto list = page.substr(page.find("id=\"confusion\""));
  EXPECT_THAT(list.substr(0, list.find("</section>")), HasSubstr("20.0 %"));
  for (const auto& name : numbered_classes(60)) EXPECT_THAT(page, HasSubstr(name));
  EXPECT_EQ(unbalanced_tag(page), "");
}

TEST(ReportSections, HasAColumnForImagesWithoutADraft) {
  auto metrics = whole();
  EXPECT_THAT(report_html(metrics, {}), Not(HasSubstr("no draft")));
  metrics["validation"]["confusion"][0][0] = 5;  // of 10, with 2 taken for the other
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("no draft"));
}

TEST(ReportSections, SaysWhenNothingIsConfused) {
  auto metrics = whole();
  metrics["validation"]["confusion"] = {{10, 0}, {0, 10}};
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("No class was taken for another."));
}

TEST(ReportSections, SaysWhatIsAcceptedAndWhatItIsWorth) {
  const auto page = report_html(whole(), {});
  const auto words = page.substr(page.find("id=\"acceptance\""));
  for (const char* part :
       {"95 % are right", "<b>58.0 %</b> of the images", "145 of 250", "<b>96.3 %</b> of those",
        "91.5–98.8 %", "0.8765", "88 of 90", "50 min", "34 min", "15 min"}) {
    EXPECT_THAT(words, HasSubstr(part));
  }
  EXPECT_LT(words.find(">cat</th>"), words.find(">dog</th>"));  // none of it is accepted
  EXPECT_THAT(words.substr(words.find(">cat</th>"), 120), HasSubstr("none"));
}

TEST(ReportSections, SaysThatNothingIsAcceptedAndWhatItWouldTake) {
  auto metrics = whole();
  metrics["thresholds"]["precision"] = nullptr;
  const auto page = report_html(metrics, {});
  const auto words = page.substr(page.find("id=\"acceptance\""));
  for (const char* part : {"Nothing is accepted", "250 images show at most 98.1 %", "takes 59"}) {
    EXPECT_THAT(words, HasSubstr(part));
  }
  EXPECT_THAT(words.substr(0, words.find("</section>")), Not(HasSubstr("88 of 90")));
}

TEST(ReportSections, OneScoreForAllLabelsIsSaidOnce) {
  auto metrics = whole();
  metrics["thresholds"]["classes"] = Json::array();
  metrics["thresholds"]["per_class"] = {{"cat", 0.875}, {"dog", 0.875}};
  EXPECT_THAT(report_html(metrics, {}),
              HasSubstr("the decision on each class is at least 0.8750 sure"));
}

TEST(ReportSections, ComparesTheCalibrationErrorWithThatOfAPerfectModel) {
  auto metrics = whole();
  EXPECT_THAT(report_html(metrics, {}),
              HasSubstr("<b>0.034</b>; a perfectly calibrated model shows 0.031 on 300 images "
                        "(in 95 of 100 cases below 0.052): nothing to see."));
  metrics["validation"]["ece"]["value"] = 0.053;
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("off by more than chance explains"));
  metrics["validation"].erase("ece_if_calibrated");
  EXPECT_THAT(report_html(metrics, {}), Not(HasSubstr("perfectly calibrated")));
}

TEST(ReportSections, TheBrierScoreHasItsInterval) {
  EXPECT_THAT(report_html(whole(), {}), HasSubstr("0.236–0.344"));
}

TEST(ReportSections, SaysWhetherFineTuningWasKept) {
  auto metrics = whole();
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("<b>Kept</b>"));
  metrics["fine_tune"]["kept"] = false;
  const auto page = report_html(metrics, {});
  EXPECT_THAT(page, HasSubstr("<b>Not kept</b>"));
  EXPECT_THAT(page, HasSubstr("blocks.6 and head trained for 10 epochs"));
}

TEST(ReportSections, MarksTheChosenPenaltyInsideTheChart) {
  auto metrics = whole();
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("class=\"chosen\""));
  metrics["head"]["lambda"] = 1e9;
  EXPECT_THAT(report_html(metrics, {}), Not(HasSubstr("class=\"chosen\"")));
}

TEST(ReportSections, NamesAHundredImagesLeftOutAndCountsTheRest) {
  auto metrics = whole();
  metrics["data"]["left_out"] = Json::array();
  for (int i = 0; i < 150; ++i) {
    metrics["data"]["left_out"].push_back(
        {{"image", "broken-" + std::to_string(i) + ".jpg"}, {"reason", "truncated"}});
  }
  const auto page = report_html(metrics, {});
  EXPECT_THAT(page, HasSubstr("150 images could not be used. The first 100 are listed"));
  EXPECT_THAT(page, HasSubstr("broken-99.jpg"));
  EXPECT_THAT(page, Not(HasSubstr("broken-100.jpg")));
}

}  // namespace
}  // namespace preannotate
