// import and statistics, as a person at the command line meets them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "preannotate/core/json.h"
#include "preannotate/data/ledger.h"
#include "review/draft_folder.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

const std::vector<std::string> kCategories = {"cat", "dog", "hen"};

/// Drafts, our own Label Studio tasks of them, and what people make of these.
class ImportCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<LedgerEntry> entries;
    for (const char* image : {"a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg", "g.jpg"})
      entries.push_back(two_boxes(image));
    write_draft_folder(folder_ / "drafts", "detect", kCategories, entries);
    ASSERT_THAT(run({"convert", "drafts", "tasks", "--to-format", "label_studio"}), Exits(0));
    tasks_ = read_json(folder_ / "tasks" / "tasks.json");
  }
  Outcome run(const std::vector<std::string>& arguments) {
    return run_in_process(folder_, arguments);
  }
  /// What is left of a task when `by` submits its drafts; its result may then be changed.
  Json& submit(size_t task, const std::string& by, const std::string& at) {
    const Json annotation = {{"completed_by", {{"id", 1}, {"email", by}}},
                             {"was_cancelled", false},
                             {"updated_at", at},
                             {"lead_time", 3.5},
                             {"result", tasks_[task]["predictions"][0]["result"]}};
    return tasks_[task]["annotations"].emplace_back(annotation);
  }
  static Json& box(Json& annotation, size_t i) { return annotation["result"][i]["value"]; }
  void save() { write_text(folder_ / "export.json", tasks_.dump()); }

  /// Every kind of change; two annotators of the last image.
  void work() {
    box(submit(0, "ann", "2026-01-01T00:00:00Z"), 0)["rectanglelabels"] = {"hen"};
    box(submit(1, "ann", "2026-01-01T00:01:00Z"), 0)["x"] = 20;
    submit(2, "ann", "2026-01-01T00:02:00Z")["result"].erase(0);
    auto& added = submit(3, "ann", "2026-01-01T00:03:00Z")["result"];
    auto box_of_nobody = added[0];
    box_of_nobody["id"] = "new";
    box_of_nobody["value"]["y"] = 60;
    added.push_back(box_of_nobody);
    submit(4, "ann", "2026-01-01T00:04:00Z")["was_cancelled"] = true;
    submit(5, "ann", "2026-01-01T00:05:00Z")["result"] = Json::array();
    submit(6, "ann", "2026-01-01T00:06:00Z");
    box(submit(6, "bob", "2026-01-01T00:07:00Z"), 0)["rectanglelabels"] = {"dog"};
    save();
  }

  fs::path folder_ = test_folder();
  Json tasks_;
};

TEST_F(ImportCommandTest, WhatPeopleChangedIsTakenBackOnce) {
  work();
  const auto taken = run({"import", "drafts", "--from", "export.json"});
  EXPECT_THAT(taken, Exits(0));
  EXPECT_EQ(taken.out,
            "answers  8 new, of 7 images (label_studio), by ann, bob\n"
            "objects  8 accepted, 2 relabelled, 1 moved, 3 deleted, 1 added\n"
            "skipped  1 by people: these say nothing of their image\n"
            "differ   people say different things of 1 object, settled by latest\n"
            "  g.jpg: ann says cat, bob dog\n"
            "agree    boxes F1 0.50, mean IoU 1.00, of 1 image that two or more answered\n"
            "         (ann, bob)\n"
            "next     preannotate statistics drafts\n");
  const auto again = run({"import", "drafts", "--from", "export.json", "--json", "-q"});
  const auto json = parse_json(again.out, "out");
  EXPECT_EQ(json["answers"], 0);
  EXPECT_EQ(json["known"], 8);
  ASSERT_THAT(run({"convert", "drafts", "finished", "--to-format", "coco"}), Exits(0));
  const auto finished = read_json(folder_ / "finished" / "annotations.json");
  EXPECT_EQ(finished["annotations"].size(), 2u + 2 + 1 + 3 + 2 + 0 + 2);
  EXPECT_EQ(finished["annotations"][0]["category_id"], 3);
}

TEST_F(ImportCommandTest, ADryRunShowsTheDifferenceAndWritesNothing) {
  work();
  const auto dry = run({"import", "drafts", "--from", "export.json", "--dry-run"});
  EXPECT_THAT(dry, Exits(0));
  EXPECT_THAT(
      dry.out,
      AllOf(HasSubstr("  a.jpg (ann): cat -> hen\n"), HasSubstr("  b.jpg (ann): cat moved\n"),
            HasSubstr("  c.jpg (ann): cat deleted\n"), HasSubstr("  d.jpg (ann): cat added\n"),
            HasSubstr("  f.jpg (ann): cat deleted, dog deleted\n"),
            HasSubstr("nothing was written (--dry-run)\n")));
  EXPECT_FALSE(fs::exists(folder_ / "drafts" / "review.jsonl"));
}

TEST_F(ImportCommandTest, ATieGoesBackToReview) {
  work();
  const auto asked = run({"import", "drafts", "--from", "export.json", "--resolve", "majority"});
  EXPECT_THAT(asked, Exits(0));
  EXPECT_THAT(asked.out, HasSubstr("ask      1 image goes back to review\n"));
  EXPECT_THAT(run({"statistics", "drafts"}).out,
              HasSubstr("answered 5 of 7 images, 1 skipped, 1 in conflict\n"));
}

TEST_F(ImportCommandTest, UnknownClassesStopAndImagesLeftOutAreNamed) {
  box(submit(0, "ann", "2026-01-01T00:00:00Z"), 0)["rectanglelabels"] = {"hens"};
  tasks_[1]["data"]["pa_image"] = "other.jpg";
  submit(1, "ann", "2026-01-01T00:00:00Z");
  save();
  const auto stopped = run({"import", "drafts", "--from", "export.json"});
  EXPECT_THAT(stopped, Exits(4));
  EXPECT_THAT(stopped.err, HasSubstr("class 'hens' (did you mean 'hen'?) is not among the drafts' "
                                     "3 (cat, dog, hen)"));
  const std::vector<std::string> mapped = {"import",      "drafts", "--from",
                                           "export.json", "--map",  "hens=hen"};
  const auto left_out = run(mapped);
  EXPECT_THAT(left_out, Exits(3));
  EXPECT_THAT(left_out.err, HasSubstr("image_unknown, first other.jpg"));
  auto allowed = mapped;
  allowed.push_back("--allow-skipped");
  EXPECT_THAT(run(allowed), Exits(0));
  EXPECT_THAT(run({"import", "drafts", "--from", "export.json", "--map", "hens"}), Exits(2));
  EXPECT_THAT(run({"import", "drafts", "--from", "no.json"}), Exits(2));
  EXPECT_THAT(run({"import", "tasks", "--from", "export.json"}), Exits(2));
}

TEST_F(ImportCommandTest, FormatsThatDoNotTellWhetherSomebodyLookedSaySo) {
  ASSERT_THAT(run({"convert", "drafts", "coco", "--to-format", "coco"}), Exits(0));
  const auto none = run({"import", "drafts", "--from", "coco"});
  EXPECT_THAT(none, Exits(0));
  EXPECT_THAT(none.out,
              AllOf(HasSubstr("as sent  7 images came back unchanged, and coco does not tell "
                              "whether anybody\n         looked: no answers."),
                    HasSubstr("--unchanged\n         accepted"), HasSubstr("nothing new\n")));
  const auto all = run({"import", "drafts", "--from", "coco", "--unchanged", "accepted"});
  EXPECT_THAT(all.out, HasSubstr("objects  14 accepted, 0 relabelled"));
}

TEST_F(ImportCommandTest, NamesFromOutsideReachTheTerminalEscaped) {
  box(submit(0, "\x1b[31mann", "2026-01-01T00:00:00Z"), 0)["rectanglelabels"] = {"hen"};
  box(submit(0, "bob", "2026-01-01T00:01:00Z"), 0)["rectanglelabels"] = {"dog"};
  save();
  for (const auto& outcome :
       {run({"import", "drafts", "--from", "export.json", "--dry-run"}),
        run({"import", "drafts", "--from", "export.json"}), run({"statistics", "drafts"})}) {
    EXPECT_THAT(outcome, Exits(0));
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("\\x1B[31mann"), Not(HasSubstr("\x1b"))));
  }
}

TEST_F(ImportCommandTest, StatisticsCountWhatPeopleMadeOfTheDrafts) {
  work();
  run({"import", "drafts", "--from", "export.json"});
  const auto shown = run({"statistics", "drafts"});
  EXPECT_THAT(shown, Exits(0));
  EXPECT_EQ(shown.out,
            "answered 6 of 7 images, 1 skipped\n"
            "drafts   of 7 answers: 57.1 % of 14 objects accepted, 2 relabelled, 1 moved, 3\n"
            "         deleted, 1 added; 14.3 % of images untouched\n"
            "time     3.5 s an image, 1.6 s an object\n"
            "confused cat is dog (1), cat is hen (1)\n"
            "agree    boxes F1 0.50, mean IoU 1.00, of 1 image that two or more answered\n"
            "         (ann, bob)\n"
            "\n"
            "class                drafted  accepted relabelled  moved deleted  added\n"
            "cat                        7    28.6 %          2      1       2      1\n"
            "dog                        7    85.7 %          0      0       1      0\n"
            "\n"
            "person               drafted  accepted relabelled  moved deleted  added s/image\n"
            "ann                       12    58.3 %          1      1       3      1   3.5 s\n"
            "bob                        2    50.0 %          1      0       0      0   3.5 s\n"
            "\n"
            "model                drafted  accepted relabelled  moved deleted  added s/image\n"
            "0123456789ab              14    57.1 %          2      1       3      1   3.5 s\n");
  const auto json = parse_json(run({"statistics", "drafts", "--json", "-q"}).out, "out");
  EXPECT_EQ(json["drafts"]["objects"]["moved"], 1);
  EXPECT_EQ(json["drafts"]["seconds_per_image"], 3.5);
  EXPECT_EQ(json["answered"], 6);
}

TEST_F(ImportCommandTest, StatisticsWithoutAnAnswerSayWhatToDo) {
  const auto none = run({"statistics", "drafts"});
  EXPECT_THAT(none, Exits(0));
  EXPECT_THAT(none.out, AllOf(HasSubstr("answered none of 7 images\n"), HasSubstr("import")));
  EXPECT_THAT(run({"statistics", "tasks"}), Exits(2));
}

TEST_F(ImportCommandTest, StatisticsAreAPageThatFetchesNothingAndEscapesNames) {
  box(submit(0, "<script>alert(1)</script>", "2026-01-01T00:00:00Z"),
      0)["rectanglelabels"] = {"hen"};
  save();
  run({"import", "drafts", "--from", "export.json"});
  EXPECT_THAT(run({"statistics", "drafts", "--html", "page.html"}), Exits(0));
  const auto page = read_text(folder_ / "page.html");
  EXPECT_THAT(page, AllOf(HasSubstr("<h1>50.0 % of drafts were accepted as they were</h1>"),
                          HasSubstr("&lt;script&gt;alert(1)"), Not(HasSubstr("<script")),
                          HasSubstr("default-src 'none'"), Not(HasSubstr("http:")),
                          Not(HasSubstr("https:"))));
  const auto again = run({"statistics", "drafts", "--html", "page.html"});
  EXPECT_THAT(again, Exits(8));
  EXPECT_THAT(again.err, HasSubstr("page.html exists; --force replaces it"));
  EXPECT_THAT(run({"statistics", "drafts", "--html", "page.html", "--force"}), Exits(0));
}

}  // namespace
}  // namespace preannotate
