#include "preannotate/pipeline/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

namespace preannotate {
namespace {

using testing::HasSubstr;
using testing::Not;

Json per_class(const std::vector<std::string>& classes) {
  Json list = Json::array();
  for (size_t c = 0; c < classes.size(); ++c) {
    const double recall = 0.5 + 0.5 * static_cast<double>(c) / static_cast<double>(classes.size());
    list.push_back({{"name", classes[c]},
                    {"support", 10},
                    {"predicted", 10},
                    {"precision", recall},
                    {"recall", recall},
                    {"f1", recall}});
  }
  return list;
}

Json confusion(size_t classes) {
  Json matrix = Json::array();
  for (size_t t = 0; t < classes; ++t) {
    matrix.push_back(std::vector<int>(classes, 0));
    matrix[t][t] = 8;
    matrix[t][(t + 1) % classes] = 2;
  }
  return matrix;
}

Json validation_of(const std::vector<std::string>& classes) {
  return {{"method", "5-fold out-of-fold"},
          {"items", 300},
          {"accuracy", {{"value", 0.803}, {"low", 0.754}, {"high", 0.845}}},
          {"macro_f1", 0.7912},
          {"log_loss", 0.6123},
          {"brier", 0.2871},
          {"ece", {{"value", 0.034}, {"low", 0.021}, {"high", 0.078}}},
          {"ece_before_calibration", 0.051},
          {"temperature", 1.13},
          {"per_class", per_class(classes)},
          {"confusion", confusion(classes.size())},
          {"reliability",
           {{{"low", 0.4}, {"high", 0.6}, {"items", 120}, {"confidence", 0.5}, {"accuracy", 0.52}},
            {{"low", 0.6}, {"high", 0.8}, {"items", 0}, {"confidence", 0}, {"accuracy", 0}},
            {{"low", 0.8}, {"high", 1}, {"items", 180}, {"confidence", 0.9}, {"accuracy", 0.88}}}}};
}

/// Every part that train writes.
Json whole(const std::vector<std::string>& classes = {"cat", "dog"}) {
  Json counts = Json::object();
  for (const auto& name : classes) counts[name] = 30;
  const auto point = [](double lambda, double loss) {
    return Json{
        {"lambda", lambda}, {"log_loss", loss}, {"accuracy", 0.8}, {"log_loss_error", 0.02}};
  };
  return {
      {"format_version", 1},
      {"tool_version", "0.1.0"},
      {"task", "classify"},
      {"classes", classes},
      {"data",
       {{"path", "photos/seed"},
        {"images", 300},
        {"per_class", counts},
        {"left_out",
         {{{"image", "cat/7.jpg"}, {"reason", "truncated"}, {"detail", "cat/7.jpg ends early"}}}}}},
      {"backbone",
       {{"name", "efficientnet_lite0"}, {"sha256", "ab12cd"}, {"input_size", {224, 224}}}},
      {"head",
       {{"features", "embedding+maps"},
        {"dimension", 1712},
        {"lambda", 0.01},
        {"balanced", true},
        {"augment", "light"},
        {"views", 4},
        {"path", {point(0.001, 0.7), point(0.01, 0.61), point(0.1, 0.8)}}}},
      {"feature_choice",
       {{{"features", "embedding"},
         {"imgsz", 224},
         {"log_loss", 0.634},
         {"accuracy", 0.79},
         {"chosen", false}},
        {{"features", "embedding+maps"},
         {"imgsz", 224},
         {"log_loss", 0.612},
         {"accuracy", 0.8},
         {"chosen", true}}}},
      {"validation", validation_of(classes)},
      {"fine_tune",
       {{"stages", {"blocks.6", "head"}},
        {"kept", true},
        {"log_loss_before", 0.612},
        {"log_loss_after", 0.574},
        {"weights_moved", {{{"stage", "blocks.6"}, {"relative_change", 0.0123}}}},
        {"epochs", 10}}},
      {"advice", {"Try --imgsz 320."}},
      {"time", {{"total_s", 13}, {"features_s", 11}, {"head_s", 0.6}, {"images_per_s", 27}}}};
}

std::vector<ReportPicture> one_picture() {
  return {{"cat/3.jpg", "cat", "dog", 0.97, "\xFF\xD8\xFF"}};
}

std::vector<std::string> numbered_classes(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("species-" + std::to_string(i) + ".");
  return names;
}

/// Every opening tag that is not closed in order, "" when the page is well formed.
std::string unbalanced_tag(const std::string& page) {
  const std::set<std::string> alone{"meta", "img", "line", "rect/", "circle/"};
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-zA-Z0-9]+)[^>]*?(/?)>");
  for (std::sregex_iterator i(page.begin(), page.end(), tag), end; i != end; ++i) {
    const std::string name = (*i)[2];
    if ((*i)[3] == "/" || alone.contains(name)) continue;
    if ((*i)[1] != "/") {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return name;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

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

TEST(Report, ListsTheWeakestClassFirst) {
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

TEST(Report, EncodesPicturesInBase64) {
  // RFC 4648, section 10.
  const std::vector<std::pair<std::string, std::string>> examples{
      {"f", "Zg=="},        {"fo", "Zm8="},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}, {std::string("\0\xFF\xFB", 3), "AP/7"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_THAT(report_html(whole(), {{"a.jpg", "cat", "dog", 0.9, bytes}}),
                HasSubstr("base64," + text + "\">"));
  }
}

TEST(Report, ShowsAMistakeWithoutItsPicture) {
  const auto page = report_html(whole(), {{"gone.jpg", "cat", "dog", 0.9, ""}});
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("gone.jpg"));
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

TEST(Report, HasASectionOnlyWithItsData) {
  const struct {
    const char* id;
    std::vector<const char*> pointers;  // each, removed, takes the section away
  } sections[] = {{"advice", {"/advice"}},
                  {"classes", {"/validation/per_class", "/validation"}},
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

TEST(Report, ShowsAMatrixForFewClassesAndAListForMany) {
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

TEST(Report, HasAColumnForImagesWithoutADraft) {
  auto metrics = whole();
  EXPECT_THAT(report_html(metrics, {}), Not(HasSubstr("no draft")));
  metrics["validation"]["confusion"][0][0] = 5;  // of 10, with 2 taken for the other
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("no draft"));
}

TEST(Report, SaysWhenNothingIsConfused) {
  auto metrics = whole();
  metrics["validation"]["confusion"] = {{10, 0}, {0, 10}};
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("No class was taken for another."));
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

TEST(Report, SaysWhetherFineTuningWasKept) {
  auto metrics = whole();
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("<b>Kept</b>"));
  metrics["fine_tune"]["kept"] = false;
  const auto page = report_html(metrics, {});
  EXPECT_THAT(page, HasSubstr("<b>Not kept</b>"));
  EXPECT_THAT(page, HasSubstr("blocks.6 and head trained for 10 epochs"));
}

TEST(Report, MarksTheChosenPenaltyInsideTheChart) {
  auto metrics = whole();
  EXPECT_THAT(report_html(metrics, {}), HasSubstr("class=\"chosen\""));
  metrics["head"]["lambda"] = 1e9;
  EXPECT_THAT(report_html(metrics, {}), Not(HasSubstr("class=\"chosen\"")));
}

TEST(Report, NamesAHundredImagesLeftOutAndCountsTheRest) {
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
