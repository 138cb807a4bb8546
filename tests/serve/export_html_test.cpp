#include "preannotate/serve/export_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "serve/export_page.h"
#include "session_folder.h"
#include "support/images.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

const std::string kScript = "<script>alert('x')</script>";

/// "<b>.jpg" of class ant, "gone.jpg" of a class whose name is a script.
class ExportHtmlTest : public testing::Test {
 protected:
  void SetUp() override {
    write_text(folder_ / "pictures/<b>.jpg", jpeg_bytes(corner_picture(100, 80)));
    write_draft_folder(
        folder_ / "drafts", "classify", categories_,
        {drafted_class("<b>.jpg", 0, 0.25, 2), drafted_class("gone.jpg", 1, 0.5, 2)});
    Json run = parse_json(read_text(folder_ / "drafts/run.json"), "run.json");
    run["source"] = {(folder_ / "pictures").string()};
    write_text(folder_ / "drafts/run.json", json_text(run));
  }
  std::string exported(bool force = false) {
    export_html({.drafts = folder_ / "drafts", .file = folder_ / "page.html", .force = force});
    return read_text(folder_ / "page.html");
  }
  ExitCode refusal(const ExportHtmlOptions& options) {
    try {
      export_html(options);
    } catch (const UserError& error) {
      return error.exit_code();
    }
    return kDone;
  }
  fs::path folder_ = test_folder();
  std::vector<std::string> categories_{"ant", kScript};
};

TEST_F(ExportHtmlTest, ShowsPicturesClassesAndScores) {
  const auto html = exported();
  EXPECT_THAT(html, HasSubstr("src=\"data:image/jpeg;base64,/9j/"));
  EXPECT_THAT(html, HasSubstr("<b>ant</b> 75 %"));
  EXPECT_THAT(html, HasSubstr("bucket review"));
  EXPECT_LT(html.find("gone.jpg"), html.find("&lt;b&gt;.jpg")) << "the least sure comes first";
}

TEST_F(ExportHtmlTest, NamesFromOutsideAreEscaped) {
  const auto html = exported();
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<b>.jpg")));
}

TEST_F(ExportHtmlTest, AnImageThatIsGoneSaysSo) {
  EXPECT_THAT(exported(), HasSubstr("cannot be shown: "));
}

TEST_F(ExportHtmlTest, AnswersStandBesideWhatWasDrafted) {
  const auto draft = drafted_class("<b>.jpg", 0, 0.25, 2).sample.labels;
  {
    AnswerWriter log(folder_ / "drafts");
    const Answer answer{.at = utc_now(),
                        .image = "<b>.jpg",
                        .sha256 = std::string(64, 'a'),
                        .reviewer = "<i>ann",
                        .via = "review",
                        .selection = "",
                        .purpose = "",
                        .model_version = "0123456789ab",
                        .drafts = draft,
                        .labels = {{1, {}, {}, ""}}};
    log.append(std::span(&answer, 1), categories_);
  }
  const auto html = exported();
  EXPECT_THAT(html, HasSubstr("answered by &lt;i&gt;ann, drafted: <b>ant</b> 75 %"));
  EXPECT_THAT(html, HasSubstr("1 of them answered"));
}

TEST_F(ExportHtmlTest, AFileThatIsThereIsKeptUnlessForced) {
  write_text(folder_ / "page.html", "mine");
  EXPECT_EQ(refusal({.drafts = folder_ / "drafts", .file = folder_ / "page.html"}), kOutputExists);
  EXPECT_EQ(read_text(folder_ / "page.html"), "mine");
  EXPECT_THAT(exported(/*force=*/true), testing::StartsWith("<!DOCTYPE html>"));
}

TEST_F(ExportHtmlTest, AFolderWithoutDraftsIsRefused) {
  EXPECT_EQ(refusal({.drafts = folder_, .file = folder_ / "page.html"}), kUsageError);
  EXPECT_FALSE(fs::exists(folder_ / "page.html"));
}

TEST(ExportedPageTest, SaysWhenItDoesNotHoldAllImages) {
  Sample sample{"a.jpg", 10, 10, {}, "review", 0};
  ExportedPage page{.folder = "drafts",
                    .model_version = "0123456789ab",
                    .categories = {"ant"},
                    .images = 3000,
                    .answered = 0,
                    .shown = {{.sample = &sample, .fault = "gone"}}};
  EXPECT_THAT(exported_html(page), HasSubstr("This page holds the first 1 of them."));
  page.images = 1;
  EXPECT_THAT(exported_html(page), Not(HasSubstr("This page holds")));
}

TEST(ExportedPageTest, BoxesAreDrawnInTheFrameOfTheImage) {
  Sample sample{"a.jpg", 640, 480, {{0, 0.3, Box{10, 20, 110, 70}, ""}}, "review", 0};
  const ExportedPage page{.folder = "drafts",
                          .model_version = "0123456789ab",
                          .categories = {"ant"},
                          .images = 1,
                          .answered = 0,
                          .shown = {{.sample = &sample, .jpeg = "x"}}};
  const auto html = exported_html(page);
  EXPECT_THAT(html, HasSubstr("viewBox=\"0 0 640 480\""));
  EXPECT_THAT(html, HasSubstr("x=\"10\" y=\"20\" width=\"100\" height=\"50\""));
  EXPECT_THAT(html, HasSubstr("k0 unsure"));
}

}  // namespace
}  // namespace preannotate
