#include "preannotate/pipeline/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>

#include "report_metrics.h"

namespace preannotate {
namespace {

using namespace testing_support;
using testing::HasSubstr;
using testing::Not;

TEST(Report, SaysInOneSentenceHowGoodTheHeadIs) {
  const auto page = report_html(whole(), {});
  EXPECT_THAT(page, HasSubstr("80.3 % of 300 held-out predictions are right"));
  EXPECT_THAT(page, HasSubstr("(95 % interval 75.4–84.5)"));
  EXPECT_THAT(page, HasSubstr("Expect to correct about 16 to 25 of every 100 drafts"));
  EXPECT_THAT(page, HasSubstr("5-fold out-of-fold"));
}

TEST(Report, SpeaksOfOnePredictionInTheSingular) {
  auto metrics = whole();
  metrics["validation"]["items"] = 1;
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("1 held-out prediction is right"));
}

TEST(Report, ShowsTheFiguresOfTheFile) {
  const auto page = report_html(whole(), one_picture());
  for (const char* figure :
       {"0.791", "0.612", "0.287", "3.4 %", "2.1–7.8", "5.1 %", "1.13", "lambda 0.01",
        "1,712 features", "1.23 %", "0.634", "ab12cd", "224 × 224 px", "cat/7.jpg ends early",
        "Try --imgsz 320.", "97 %", "27 images/s", "classes weighted by rarity"}) {
    EXPECT_THAT(page, HasSubstr(figure));
  }
}

TEST(Report, EscapesWhateverComesFromOutside) {
  const std::string evil = "<script>alert(1)</script>\"'&\x1b[31m\xff";
  auto metrics = whole({evil, "dog"});
  metrics["data"]["path"] = evil;
  metrics["data"]["sha256"] = evil;
  metrics["data"]["left_out"][0] = {{"image", evil}, {"reason", evil}, {"detail", evil}};
  metrics["backbone"]["name"] = evil;
  metrics["backbone"]["sha256"] = evil;
  metrics["head"]["features"] = evil;
  metrics["head"]["augment"] = evil;
  metrics["feature_choice"][0]["features"] = evil;
  metrics["fine_tune"]["stages"][0] = evil;
  metrics["fine_tune"]["weights_moved"][0]["stage"] = evil;
  metrics["advice"][0] = evil;
  metrics["tool_version"] = evil;
  metrics["model_version"] = evil;
  metrics["validation"]["method"] = evil;
  metrics["thresholds"]["drafts"] = evil;
  const auto page = report_html(metrics, {{evil, evil, evil, 0.9, "jpeg"}});
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&quot;"));
  EXPECT_EQ(unbalanced_tag(page), "");

  metrics["validation"] = nullptr;
  metrics["validation_reason"] = evil;
  EXPECT_THAT(report_html(metrics, {}), Not(HasSubstr("<script")));
}

TEST(Report, NeedsNothingFromElsewhere) {
  const auto page = report_html(whole(), one_picture());
  EXPECT_THAT(page, HasSubstr("content=\"default-src 'none'; img-src data:; style-src "
                              "'unsafe-inline'\""));
  for (const char* forbidden : {"http:", "https:", "//", "url(", "@import", "href=", "<script",
                                "<link", "<iframe", "onerror", "onload"}) {
    EXPECT_THAT(page, Not(HasSubstr(forbidden)));
  }
  const std::regex source("src=\"([^\"]*)\"");
  int sources = 0;
  for (std::sregex_iterator i(page.begin(), page.end(), source), end; i != end; ++i, ++sources) {
    EXPECT_EQ((*i)[1].str().rfind("data:image/jpeg;base64,", 0), 0u);
  }
  EXPECT_EQ(sources, 1);
}

TEST(Report, SaysThatThereIsNoEstimateAndWhy) {
  auto metrics = whole();
  metrics["validation"] = nullptr;
  metrics["validation_reason"] = "no class has two images, so none can be held out";
  const auto page = report_html(metrics, {});
  EXPECT_THAT(page, HasSubstr("<h1>No quality estimate</h1>"));
  EXPECT_THAT(page, HasSubstr("No class has two images, so none can be held out."));
  for (const char* figure : {"nan", "NaN", "inf ", ">0.0 %", "Accuracy</dt>", "Macro F1",
                             "id=\"classes\"", "id=\"confusion\"", "id=\"calibration\""}) {
    EXPECT_THAT(page, Not(HasSubstr(figure)));
  }
}

TEST(Report, OfAnEstimateOnNoItemsIsNoEstimate) {
  auto metrics = whole();
  metrics["validation"] = {{"method", "labelled data"},
                           {"items", 0},
                           {"accuracy", {{"value", 0}, {"low", 0}, {"high", 1}}}};
  const auto page = report_html(metrics, {});
  EXPECT_THAT(page, HasSubstr("<h1>No quality estimate</h1>"));
  EXPECT_THAT(page, Not(HasSubstr(">0.0 %")));
}

TEST(Report, NeverShowsANumberThatIsNotOne) {
  auto metrics = whole();
  const double nan = std::nan(""), infinite = std::numeric_limits<double>::infinity();
  metrics["validation"]["macro_f1"] = nan;
  metrics["validation"]["log_loss"] = infinite;
  metrics["validation"]["ece"]["value"] = nan;
  metrics["validation"]["per_class"][0]["precision"] = nan;
  metrics["validation"]["reliability"][0]["accuracy"] = nan;
  metrics["head"]["path"][1]["log_loss"] = infinite;
  metrics["feature_choice"][0]["log_loss"] = infinite;
  metrics["fine_tune"]["log_loss_after"] = nan;
  metrics["time"]["images_per_s"] = infinite;
  const auto page = report_html(metrics, {});
  EXPECT_FALSE(std::regex_search(page, std::regex("\\b(nan|inf|infinity)\\b", std::regex::icase)));
  EXPECT_THAT(page, Not(HasSubstr("Macro F1")));
  EXPECT_THAT(page, HasSubstr("title=\"not defined\""));
}

TEST(Report, SurvivesPartsOfTheWrongKind) {
  const auto flat = whole().flatten();
  for (const auto& [pointer, value] : flat.items()) {
    for (const Json& wrong :
         {Json(nullptr), Json("text"), Json(-1), Json::array({1}), Json{{"a", nullptr}}}) {
      auto metrics = whole();
      metrics[Json::json_pointer(pointer)] = wrong;
      EXPECT_EQ(unbalanced_tag(report_html(metrics, {})), "") << pointer << " " << wrong;
    }
  }
  for (const Json& metrics : {Json(nullptr), Json::object(), Json::array(), Json(3)}) {
    EXPECT_THAT(report_html(metrics, {}), HasSubstr("No quality estimate"));
  }
}

TEST(Report, OfMultilabelSpeaksOfAllLabelsAndAveragePrecision) {
  auto metrics = whole();
  auto& validation = metrics["validation"];
  validation.erase("confusion");
  validation["exact_match"] = validation["accuracy"];
  validation.erase("accuracy");
  validation["map"] = 0.8421;
  validation["micro_f1"] = 0.81;
  validation["per_class"][0]["average_precision"] = 0.7654;
  validation["per_class"][1]["average_precision"] = nullptr;
  const auto page = report_html(metrics, {});
  EXPECT_THAT(page, HasSubstr("All labels are right on 80.3 % of 300 held-out images"));
  EXPECT_THAT(page, HasSubstr("0.842"));
  EXPECT_THAT(page, HasSubstr("0.765"));
  EXPECT_THAT(page, HasSubstr(">AP</th>"));
  EXPECT_THAT(page, Not(HasSubstr("id=\"confusion\"")));
}

TEST(Report, OfAnEvaluationSpeaksOfDrafts) {
  Json metrics{{"tool_version", "0.1.0"}, {"validation", validation_of({"cat", "dog"})}};
  metrics["validation"]["method"] = "labelled data";
  const auto page = report_html(metrics, {});
  EXPECT_THAT(page, HasSubstr("Evaluation report"));
  EXPECT_THAT(page, HasSubstr("80.3 % of 300 labelled images got the right draft"));
  EXPECT_THAT(page, Not(HasSubstr("Expect to correct")));
}

}  // namespace
}  // namespace preannotate
