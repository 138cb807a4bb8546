#include "preannotate/data/returned.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_support;

Json region(const std::string& id, const std::string& category) {
  return {{"id", id},
          {"type", "rectanglelabels"},
          {"original_width", 640},
          {"original_height", 480},
          {"value",
           {{"x", 10},
            {"y", 25},
            {"width", 50},
            {"height", 50},
            {"rectanglelabels", Json::array({category})}}}};
}

/// A task of Label Studio's JSON export.
class ReturnedTest : public testing::Test {
 protected:
  Returned read() {
    write_text(folder_ / "export.json", Json::array({task_}).dump());
    return read_returned(folder_ / "export.json", "");
  }
  ReturnedAnswer only() {
    const auto returned = read();
    EXPECT_EQ(returned.answers.size(), 1u);
    return returned.answers.at(0);
  }
  Json& annotation() { return task_["annotations"][0]; }

  std::filesystem::path folder_ = test_folder();
  Json task_ = {{"data", {{"image", "/data/local-files/?d=sub/a%20b.jpg"}}},
                {"predictions", Json::array({{{"id", 5},
                                              {"model_version", "0123456789ab"},
                                              {"result", Json::array({region("d1", "cat")})}}})},
                {"annotations", Json::array({{{"id", 7},
                                              {"completed_by", 308},
                                              {"was_cancelled", false},
                                              {"lead_time", 18.158},
                                              {"updated_at", "2026-01-02T03:04:05.678901Z"},
                                              {"last_action", "submitted"},
                                              {"result", Json::array({region("d1", "dog")})}}})}};
};

TEST_F(ReturnedTest, AnAnnotationIsAnAnswer) {
  const auto returned = read();
  EXPECT_EQ(returned.format, "label_studio");
  EXPECT_THAT(returned.categories, ElementsAre("cat", "dog"));
  const auto answer = only();
  EXPECT_EQ(answer.image, "sub/a b.jpg");
  EXPECT_EQ(answer.width, 640);
  EXPECT_EQ(answer.height, 480);
  EXPECT_EQ(answer.reviewer, "308");
  EXPECT_EQ(answer.at, "2026-01-02T03:04:05Z");
  EXPECT_EQ(answer.seconds, 18.158);
  EXPECT_TRUE(answer.looked_at);
  EXPECT_FALSE(answer.skipped);
  EXPECT_EQ(answer.model_version, "0123456789ab");
  EXPECT_THAT(answer.labels, ElementsAre(Label{1, {}, Box{64, 120, 384, 360}, "d1"}));
  EXPECT_THAT(*answer.sent, ElementsAre(Label{0, {}, Box{64, 120, 384, 360}, "d1"}));
}

TEST_F(ReturnedTest, ReviewersAreNumbersPeopleOrNobody) {
  const std::vector<std::pair<Json, std::string>> cases = {
      {{{"id", 4}, {"email", "ann@example.org"}}, "ann@example.org"},
      {{{"id", 4}, {"username", "ann"}}, "ann"},
      {{{"id", 4}}, "4"},
      {"bob", "bob"},
      {nullptr, ""},
      {true, ""},
  };
  for (const auto& [by, name] : cases) {
    annotation()["completed_by"] = by;
    EXPECT_EQ(only().reviewer, name) << by;
  }
}

TEST_F(ReturnedTest, TimesAreInUtcWhateverTheirZone) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
      {"2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"},
      {"2026-01-01T22:04:05.5-05:30", "2026-01-02T03:34:05Z"},
      {"2026-01-02T03:04:05", "2026-01-02T03:04:05Z"},
      {"yesterday", ""},
      {"99999-01-01T00:00:00Z", ""},
  };
  for (const auto& [text, utc] : cases) {
    annotation()["updated_at"] = text;
    EXPECT_EQ(only().at, utc) << text;
  }
  annotation()["created_at"] = "2026-01-01T00:00:00Z";
  annotation().erase("updated_at");
  EXPECT_EQ(only().at, "2026-01-01T00:00:00Z");
}

TEST_F(ReturnedTest, WhatWasSentIsTheDraftThatTheAnnotationBeganWith) {
  auto& predictions = task_["predictions"];
  predictions.push_back({{"id", 6},
                         {"model_version", "ffffffffffff"},
                         {"result", Json::array({region("e1", "hen")})}});
  EXPECT_EQ(only().model_version, "0123456789ab") << "the first, when it does not tell";
  annotation()["parent_prediction"] = 6;
  EXPECT_EQ(only().model_version, "ffffffffffff");
  annotation()["prediction"] = {{"model_version", "aaaaaaaaaaaa"}, {"result", Json::array()}};
  EXPECT_EQ(only().model_version, "aaaaaaaaaaaa");
  EXPECT_THAT(*only().sent, IsEmpty());
  annotation()["prediction"] = Json::object();
  predictions = {5, 6};
  EXPECT_FALSE(only().sent) << "numbers of predictions alone";
}

TEST_F(ReturnedTest, SkippedTasksHaveNoLabelsAndOpenOnesAreCounted) {
  annotation()["was_cancelled"] = true;
  EXPECT_TRUE(only().skipped);
  EXPECT_THAT(only().labels, IsEmpty());
  task_["annotations"] = Json::array();
  EXPECT_EQ(read().open, 1u);
  EXPECT_THAT(read().answers, IsEmpty());
}

TEST_F(ReturnedTest, SeveralAnnotationsComeInOrderOfTime) {
  auto earlier = annotation();
  earlier["completed_by"] = 9;
  earlier["updated_at"] = "2025-01-01T00:00:00Z";
  task_["annotations"].push_back(earlier);
  const auto returned = read();
  ASSERT_THAT(returned.answers, SizeIs(2));
  EXPECT_EQ(returned.answers[0].reviewer, "9");
  EXPECT_EQ(returned.answers[1].reviewer, "308");
}

TEST_F(ReturnedTest, FaultsNameTheAnnotation) {
  annotation()["result"][0]["value"].erase("x");
  try {
    read();
    FAIL() << "read";
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kBadInput);
    EXPECT_THAT(error.what(), HasSubstr("tasks[0].annotations[0].result[0]: field 'x'"));
  }
}

TEST_F(ReturnedTest, OfOtherFormatsEveryImageIsAnAnswerThatNobodyIsKnownToHaveLookedAt) {
  write_text(folder_ / "labels.csv", "path,label\nb.jpg,dog\na.jpg,cat\n");
  const auto returned = read_returned(folder_ / "labels.csv", "");
  EXPECT_EQ(returned.format, "csv");
  ASSERT_THAT(returned.answers, SizeIs(2));
  EXPECT_EQ(returned.answers[0].image, "a.jpg");
  EXPECT_FALSE(returned.answers[0].looked_at);
  EXPECT_FALSE(returned.answers[0].sent);
  EXPECT_EQ(returned.answers[0].at, "");
  EXPECT_THROW(read_returned(folder_ / "none.json", ""), UserError);
}

}  // namespace
}  // namespace preannotate
