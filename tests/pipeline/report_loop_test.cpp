#include "pipeline/report_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Json spread(double value, double low, double high) {
  return {{"value", value}, {"low", low}, {"high", high}};
}

Json simulation() {
  return {
      {"task", "classify"},
      {"tool_version", "1.2.3"},
      {"reviewer", "biased:0.3"},
      {"data", {{"path", "seed"}, {"pool", "more"}, {"images", 1644}, {"left_out", Json::array()}}},
      {"repeats", 20},
      {"max_error", 0.01},
      {"cost", {{"class_grid", 0.4}, {"load", 0.5}}},
      {"loop",
       {{"seconds_per_image", spread(0.91, 0.85, 1.02)},
        {"answers_per_image", spread(0.17, 0.15, 0.2)},
        {"in_pages_share", spread(0.873, 0.8, 0.9)},
        {"unseen_share", spread(0.025, 0, 0.1)},
        {"residual_error", spread(0.0031, 0.001, 0.006)},
        {"certified", 19},
        {"broken", 1},
        {"actions", {{"class_grid", 0.987}, {"load", 0.06}}}}},
      {"manual", {{"seconds_per_image", 2.995}}},
      {"drafts_only", {{"seconds_per_image", spread(1.71, 1.6, 1.8)}}},
      {"curve",
       {{{"labelled", 40}, {"draft_error", 0.35}, {"seconds_per_image", 0.07}},
        {{"labelled", 100}, {"draft_error", 0.21}, {"seconds_per_image", 0.15}}}},
      {"time", {{"total_s", 9.0}}}};
}

TEST(LoopPage, ShowsTheFiguresOfTheFile) {
  const auto page = report::loop_page(simulation());
  for (const char* figure :
       {"<h1>The loop would save 70 % of the time</h1>", "1,644 images", "(biased:0.3)", "20 times",
        "0.91 (0.85 to 1.02)", "0.17 (0.15 to 0.20)", "0.31 (0.10 to 0.60)", "19 of 20",
        "1 of them wrongly", "1.71 (1.60 to 1.80)", "87.3 %", "2.5 %", "0.987", "seed, more",
        "1.2.3", "drafts wrong, % against images labelled",
        "seconds an image against images labelled"}) {
    EXPECT_THAT(page, HasSubstr(figure));
  }
}

TEST(LoopPage, EscapesWhatComesFromOutside) {
  Json hostile = simulation();
  hostile["data"]["path"] = "<script>alert(1)</script>";
  hostile["cost"]["<i>"] = 1;
  const auto page = report::loop_page(hostile);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("<i>")),
                          HasSubstr("&lt;script&gt;"), HasSubstr("&lt;i&gt;")));
}

TEST(LoopPage, SaysWhatALoopOfBoxesSaves) {
  Json boxes = simulation();
  boxes["task"] = "detect";
  boxes["loop"] = {{"seconds_per_image", spread(60, 60, 60)},
                   {"manual_seconds_per_image", spread(170, 170, 170)},
                   {"saved_share", spread(0.647, 0.647, 0.647)}};
  boxes["curve"] = {{{"labelled", 10}, {"map50", 0.7}, {"saved_share", 0.5}},
                    {{"labelled", 31}, {"map50", 0.8}, {"saved_share", 0.6}}};
  EXPECT_THAT(
      report::loop_page(boxes),
      AllOf(HasSubstr("<h1>The loop would save 65 % of the time</h1>"), HasSubstr("64.7 %"),
            HasSubstr("AP50 on the rest against images labelled"), Not(HasSubstr("Answers"))));
}

TEST(LoopPage, ShowsNoNumberThatWasNotMeasured) {
  Json bare = simulation();
  bare.erase("loop");
  bare.erase("curve");
  EXPECT_THAT(report::loop_page(bare),
              AllOf(HasSubstr("<h1>A loop replayed</h1>"), Not(HasSubstr("nan"))));
}

}  // namespace
}  // namespace preannotate
