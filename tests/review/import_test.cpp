#include "preannotate/review/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/data/drafts.h"
#include "preannotate/data/format.h"
#include "preannotate/review/select.h"
#include "preannotate/review/selection.h"
#include "review/draft_folder.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_support;

constexpr const char* kAnn = "ann@example.org";
const std::vector<std::string> kCategories = {"cat", "dog", "hen"};

/// Drafts of two boxes an image, a cat and a dog, and what a labelling tool makes of them.
class ImportTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* image : {"a.jpg", "b.jpg", "sub/c.jpg"}) entries_.push_back(two_boxes(image));
    write_draft_folder(drafts_, "detect", kCategories, entries_);
    options_.drafts = drafts_;
  }

  /// Our own tasks, as a person is given them.
  Json tasks() {
    fs::create_directories(folder_ / "tasks");
    format_named("label_studio").write(read_drafts(drafts_), folder_ / "tasks");
    return read_json(folder_ / "tasks" / "tasks.json");
  }
  /// What Label Studio makes of a task that somebody submitted without a change.
  static Json& annotate(Json& task, const Json& by, const std::string& at) {
    Json annotation = {{"id", 1},
                       {"completed_by", by},
                       {"was_cancelled", false},
                       {"updated_at", at},
                       {"lead_time", 4.5},
                       {"last_action", "submitted"},
                       {"result", task["predictions"][0]["result"]}};
    return task["annotations"].emplace_back(std::move(annotation));
  }
  static Json& box(Json& annotation, size_t i) { return annotation["result"][i]["value"]; }

  /// Bob has accepted the drafts of the first image.
  Answer reviewed(const std::string& at) const {
    Answer answer;
    answer.at = at;
    answer.image = "a.jpg";
    answer.reviewer = "bob";
    answer.via = "review";
    answer.drafts = answer.labels = entries_[0].sample.labels;
    return answer;
  }

  ImportResult import_tasks(const Json& tasks) {
    write_text(folder_ / "export.json", tasks.dump());
    return import_file("export.json");
  }
  ImportResult import_file(const std::string& name) {
    options_.from = folder_ / name;
    return import_answers(options_);
  }
  /// The drafts in another format after `change`, without what Label Studio alone can tell.
  template <class Change>
  ImportResult import_as(const std::string& format, const Change& change) {
    LedgerReader ledger(drafts_ / "drafts.jsonl", kCategories);
    Dataset dataset;
    dataset.categories = kCategories;
    while (auto entry = ledger.next()) dataset.samples.push_back(entry->sample);
    for (Sample& sample : dataset.samples) {
      for (Label& label : sample.labels) label = {label.category, {}, label.box, ""};
    }
    change(dataset);
    fs::remove_all(folder_ / format);
    fs::create_directories(folder_ / format);
    format_named(format).write(dataset, folder_ / format);
    options_.format = format;
    return import_file(format);
  }
  std::string error_of(const std::function<void()>& act, ExitCode code = kBadInput) {
    try {
      act();
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), code);
      return error.what();
    }
    return "no error";
  }

  AnswerLog log() const { return read_answer_log(drafts_, kCategories); }
  /// "cat 10,20 dog 300,20" of what stands.
  std::string standing(const std::string& image) const {
    const auto read = log();
    const auto answers = standing_answers(read);
    const auto found = answers.find(image);
    return found == answers.end() ? "nobody's" : text_of(found->second.labels, read.categories);
  }
  static std::string text_of(const std::vector<Label>& labels,
                             const std::vector<std::string>& categories) {
    std::string text;
    for (const Label& label : labels) {
      text += (text.empty() ? "" : " ") + categories.at(static_cast<size_t>(label.category));
      if (label.box)
        text += " " + std::to_string(std::lround(label.box->x1)) + "," +
                std::to_string(std::lround(label.box->y1));
    }
    return text;
  }

  fs::path folder_ = test_folder();
  fs::path drafts_ = folder_ / "drafts";
  std::vector<LedgerEntry> entries_;
  ImportOptions options_;
};

TEST_F(ImportTest, AnAnswerSaysWhatWasSentAndWhatCameBack) {
  auto export_ = tasks();
  auto& annotation = annotate(export_[0], {{"email", kAnn}}, "2026-01-02T03:04:05.678901Z");
  box(annotation, 0)["rectanglelabels"] = {"hen"};
  box(annotation, 1)["x"] = 50;
  const auto result = import_tasks(export_);
  EXPECT_EQ(result.answers, 1u);
  EXPECT_EQ(result.open, 2u);
  EXPECT_EQ(result.objects, (ObjectCounts{.relabelled = 1, .moved = 1}));
  ASSERT_THAT(log().answers, SizeIs(1));
  const Answer answer = log().answers[0];
  EXPECT_EQ(answer.at, "2026-01-02T03:04:05Z");
  EXPECT_EQ(answer.reviewer, kAnn);
  EXPECT_EQ(answer.via, "label_studio");
  EXPECT_EQ(answer.seconds, 4.5);
  EXPECT_EQ(answer.model_version, "0123456789ab");
  EXPECT_EQ(answer.sha256, entries_[0].sha256);
  EXPECT_EQ(answer.drafts, entries_[0].sample.labels);
  EXPECT_EQ(text_of(answer.labels, kCategories), "hen 10,20 dog 320,20");
  EXPECT_EQ(answer.labels[0].id, entries_[0].sample.labels[0].id);
  EXPECT_EQ(answer.labels[1].id, entries_[0].sample.labels[1].id);
  EXPECT_FALSE(answer.labels[0].score) << "it is a person's";
}

TEST_F(ImportTest, DeletedStaysDeletedAddedIsAddedAndEmptyIsNoObject) {
  auto export_ = tasks();
  auto& first = annotate(export_[0], 7, "2026-01-02T00:00:00Z");
  auto added = first["result"][1];
  added["id"] = "x1";
  added["value"]["x"] = 80;
  first["result"].erase(0);
  first["result"].push_back(added);
  annotate(export_[1], 7, "2026-01-02T00:00:00Z")["result"] = Json::array();
  import_tasks(export_);
  EXPECT_EQ(standing("a.jpg"), "dog 300,20 dog 512,20");
  EXPECT_EQ(standing("b.jpg"), "");
  EXPECT_EQ(log().answers[0].labels[1].id, "") << "no draft's";
  EXPECT_EQ(read_drafts(drafts_).samples[1].bucket, "answered");
  EXPECT_THAT(read_drafts(drafts_).samples[1].labels, IsEmpty());
}

TEST_F(ImportTest, SkippedIsNeitherAPositiveNorANegative) {
  auto export_ = tasks();
  annotate(export_[0], 7, "2026-01-02T00:00:00Z")["was_cancelled"] = true;
  const auto result = import_tasks(export_);
  EXPECT_EQ(result.skipped, 1u);
  EXPECT_EQ(result.objects, ObjectCounts{});
  EXPECT_EQ(log().answers.at(0).action, "skipped");
  EXPECT_EQ(standing("a.jpg"), "nobody's");
}

TEST_F(ImportTest, AnAnnotationThatAProgramMadeIsNoAnswerUntilSomebodyChangesIt) {
  auto export_ = tasks();
  annotate(export_[0], nullptr, "2026-01-02T00:00:00Z")["last_action"] = "imported";
  auto& changed = annotate(export_[1], nullptr, "2026-01-02T00:00:00Z");
  changed["last_action"] = "imported";
  changed["result"].erase(0);
  const auto result = import_tasks(export_);
  EXPECT_EQ(result.unchanged, 1u);
  EXPECT_EQ(standing("a.jpg"), "nobody's");
  EXPECT_EQ(standing("b.jpg"), "dog 300,20");
}

TEST_F(ImportTest, TheSameExportAgainAddsNothing) {
  auto export_ = tasks();
  annotate(export_[0], 7, "2026-01-02T00:00:00Z");
  box(annotate(export_[0], 8, "2026-01-02T00:01:00Z"), 0)["rectanglelabels"] = {"hen"};
  annotate(export_[1], 7, "2026-01-02T00:00:00Z")["was_cancelled"] = true;
  EXPECT_EQ(import_tasks(export_).answers, 3u);
  const auto before = read_text(drafts_ / "review.jsonl");
  const auto again = import_tasks(export_);
  EXPECT_EQ(again.answers, 0u);
  EXPECT_EQ(again.known, 3u);
  EXPECT_EQ(read_text(drafts_ / "review.jsonl"), before);
}

TEST_F(ImportTest, ADryRunWritesNothing) {
  auto export_ = tasks();
  annotate(export_[0], 7, "2026-01-02T00:00:00Z")["result"].erase(0);
  options_.dry_run = true;
  const auto result = import_tasks(export_);
  EXPECT_EQ(result.answers, 1u);
  ASSERT_THAT(result.changes, SizeIs(1));
  EXPECT_EQ(text_of(result.changes[0].after, kCategories), "dog 300,20");
  EXPECT_FALSE(fs::exists(drafts_ / "review.jsonl"));
}

TEST_F(ImportTest, WhatSomebodyElseAnsweredMeanwhileIsKept) {
  auto export_ = tasks();
  Answer bob = reviewed("2026-01-01T00:00:00Z");
  bob.labels[1].category = 2;
  AnswerWriter(drafts_).append(std::vector{bob}, kCategories);
  auto& annotation = annotate(export_[0], 7, "2026-01-02T00:00:00Z");
  box(annotation, 0)["rectanglelabels"] = {"dog"};
  const auto result = import_tasks(export_);
  EXPECT_EQ(result.merged, 1u);
  EXPECT_THAT(result.conflicts, IsEmpty());
  EXPECT_EQ(standing("a.jpg"), "dog 10,20 hen 300,20");
  ASSERT_THAT(log().answers, SizeIs(3));
  EXPECT_EQ(text_of(log().answers[1].labels, kCategories), "dog 10,20 dog 300,20") << "as given";
  EXPECT_EQ(log().answers[2].via, "merge");
}

TEST_F(ImportTest, OfTwoDifferentChangesTheLaterStandsWhateverTheOrderOfImport) {
  auto export_ = tasks();
  Answer bob = reviewed("2026-01-05T00:00:00Z");
  bob.labels[0].category = 2;
  AnswerWriter(drafts_).append(std::vector{bob}, kCategories);
  box(annotate(export_[0], 7, "2026-01-02T00:00:00Z"), 0)["rectanglelabels"] = {"dog"};
  const auto result = import_tasks(export_);
  ASSERT_THAT(result.conflicts, SizeIs(1));
  EXPECT_EQ(result.conflicts[0].ours_by, "bob");
  EXPECT_EQ(result.conflicts[0].theirs_by, "7");
  EXPECT_EQ(standing("a.jpg"), "hen 10,20 dog 300,20");
}

TEST_F(ImportTest, APersonsLaterExportReplacesTheirEarlierOne) {
  auto export_ = tasks();
  box(annotate(export_[0], 7, "2026-01-02T00:00:00Z"), 0)["rectanglelabels"] = {"dog"};
  import_tasks(export_);
  EXPECT_EQ(standing("a.jpg"), "dog 10,20 dog 300,20");
  auto& annotation = export_[0]["annotations"][0];
  box(annotation, 0)["rectanglelabels"] = {"cat"};
  annotation["updated_at"] = "2026-01-03T00:00:00Z";
  EXPECT_THAT(import_tasks(export_).conflicts, IsEmpty());
  EXPECT_EQ(standing("a.jpg"), "cat 10,20 dog 300,20");
}

TEST_F(ImportTest, ResolveSaysWhatStandsWherePeopleDiffer) {
  const auto with_votes = [&](const std::string& resolve, const std::vector<std::string>& said) {
    fs::remove(drafts_ / "review.jsonl");
    options_.resolve = resolve;
    auto export_ = tasks();
    for (size_t i = 0; i < said.size(); ++i) {
      const auto at = "2026-01-02T00:0" + std::to_string(i) + ":00Z";
      box(annotate(export_[0], static_cast<int>(i), at), 0)["rectanglelabels"] = {said[i]};
    }
    return import_tasks(export_);
  };
  with_votes("latest", {"hen", "hen", "dog"});
  EXPECT_EQ(standing("a.jpg"), "dog 10,20 dog 300,20");
  with_votes("majority", {"hen", "hen", "dog"});
  EXPECT_EQ(standing("a.jpg"), "hen 10,20 dog 300,20");
  EXPECT_THAT(log().answers, SizeIs(4)) << "three as given, and what stands";
  EXPECT_EQ(with_votes("majority", {"hen", "dog"}).asked, 1u) << "a tie";
  EXPECT_EQ(standing("a.jpg"), "nobody's");
  const auto asked = with_votes("ask", {"hen", "hen", "dog"});
  EXPECT_EQ(asked.asked, 1u);
  EXPECT_THAT(asked.conflicts, SizeIs(2));
  EXPECT_EQ(log().answers.back().action, "conflict");
  EXPECT_EQ(standing("a.jpg"), "nobody's");
  EXPECT_EQ(with_votes("ask", {"hen", "hen"}).asked, 0u);
  EXPECT_EQ(standing("a.jpg"), "hen 10,20 dog 300,20");
  EXPECT_THAT(error_of([&] { with_votes("first", {"hen"}); }, kUsageError),
              HasSubstr("--resolve 'first': expected latest, majority, ask"));
}

TEST_F(ImportTest, FormatsThatRoundGiveNoAnswersForWhatNobodyChanged) {
  for (const char* format : {"coco", "cvat", "yolo", "voc", "datumaro"}) {
    SCOPED_TRACE(format);
    fs::remove(drafts_ / "review.jsonl");
    const auto result = import_as(format, [](Dataset& dataset) {
      auto& labels = dataset.samples[0].labels;
      labels[0].category = 2;
      labels[1].box->x1 += 0.9f;  // as whole pixels do
    });
    EXPECT_EQ(result.answers, 1u);
    EXPECT_EQ(result.unchanged, 2u);
    EXPECT_EQ(result.objects, (ObjectCounts{.accepted = 1, .relabelled = 1}));
    EXPECT_EQ(standing("a.jpg"), "hen 10,20 dog 300,20");
    EXPECT_EQ(log().answers[0].via, format);
  }
}

TEST_F(ImportTest, UnchangedImagesAreAnswersWhenAPersonSaysSo) {
  options_.unchanged = "accepted";
  options_.reviewer = "ann";
  const auto result = import_as("coco", [](Dataset&) {});
  EXPECT_EQ(result.answers, 3u);
  EXPECT_EQ(result.objects, (ObjectCounts{.accepted = 6}));
  EXPECT_THAT(result.reviewers, ElementsAre("ann"));
  EXPECT_EQ(import_as("coco", [](Dataset&) {}).known, 3u);
}

TEST_F(ImportTest, WhoTakesAChangeBackHasAnswered) {
  import_as("coco", [](Dataset& dataset) { dataset.samples[0].labels.pop_back(); });
  EXPECT_EQ(standing("a.jpg"), "cat 10,20");
  import_as("coco", [](Dataset&) {});
  EXPECT_EQ(standing("a.jpg"), "cat 10,20 dog 300,20");
  EXPECT_EQ(standing("b.jpg"), "nobody's");
}

TEST_F(ImportTest, NewDraftsThatCameBackUnchangedAreNoAnswersThoughOldOnesWereAnswered) {
  import_as("coco", [](Dataset& dataset) { dataset.samples[0].labels.pop_back(); });
  auto run = read_json(drafts_ / "run.json");
  run["model_version"] = "ba9876543210";
  write_text(drafts_ / "run.json", run.dump());
  const auto result = import_as("coco", [](Dataset&) {});
  EXPECT_EQ(result.answers, 0u);
  EXPECT_EQ(result.unchanged, 3u);
  EXPECT_EQ(standing("a.jpg"), "cat 10,20");
}

TEST_F(ImportTest, WhereAllObjectsWereDeletedNothingIsThere) {
  import_as("coco", [](Dataset& dataset) {
    for (Sample& sample : dataset.samples) sample.labels.clear();
  });
  EXPECT_EQ(standing("a.jpg"), "");
}

TEST_F(ImportTest, ImagesAreFoundWithoutTheirFolderAndExtension) {
  const auto result = import_as("coco", [](Dataset& dataset) {
    dataset.samples[2].image = "c.png";
    dataset.samples[2].labels.pop_back();
    dataset.samples[0].image = "upload/a.jpg";
    dataset.samples[0].labels.pop_back();
    dataset.samples[1].image = "other.jpg";
  });
  EXPECT_EQ(standing("sub/c.jpg"), "cat 10,20");
  EXPECT_EQ(standing("a.jpg"), "cat 10,20");
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_EQ(result.problems[0].reason, "image_unknown");
  EXPECT_EQ(result.problems[0].input, "other.jpg");
}

TEST_F(ImportTest, ANameThatFitsTwoImagesIsRefusedWithBoth) {
  entries_.push_back(two_boxes("tub/c.jpg"));
  write_draft_folder(drafts_, "detect", kCategories, entries_);
  const auto result = import_as("coco", [](Dataset& dataset) {
    dataset.samples.pop_back();
    dataset.samples[2].image = "c.jpg";
    dataset.samples[2].labels.pop_back();
  });
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_EQ(result.problems[0].reason, "image_ambiguous");
  EXPECT_THAT(result.problems[0].detail, AllOf(HasSubstr("'sub/c.jpg'"), HasSubstr("'tub/c.jpg'")));
  EXPECT_EQ(standing("sub/c.jpg"), "nobody's");
}

TEST_F(ImportTest, TwoNamesForOneImageAreRefusedUnlessOneIsItsOwn) {
  const auto two = [&](const std::string& one, const std::string& other) {
    return import_as("coco", [&](Dataset& dataset) {
      dataset.samples[0].labels.pop_back();
      dataset.samples[0].image = one;
      dataset.samples[1] = dataset.samples[0];
      dataset.samples[1].image = other;
      dataset.samples.resize(2);
    });
  };
  EXPECT_THAT(error_of([&] { two("x/a.jpg", "y/a.jpg"); }), HasSubstr("none of its images is in"));
  EXPECT_THAT(two("a.jpg", "y/a.jpg").problems, SizeIs(1));
  EXPECT_EQ(standing("a.jpg"), "cat 10,20");
}

TEST_F(ImportTest, UnknownClassesStopWithTheNearestNames) {
  const auto renamed = [&] {
    return import_as("coco", [](Dataset& dataset) {
      dataset.categories = {"cats", "lama", "hen"};
    });
  };
  EXPECT_THAT(error_of(renamed),
              HasSubstr("classes 'cats' (did you mean 'cat'?), 'lama' are not "
                        "among the drafts' 3 (cat, dog, hen); --map OLD=NEW renames one, "
                        "--add-classes takes them as new ones"));
  options_.renamed = {{"cats", "cat"}};
  EXPECT_THAT(error_of(renamed), HasSubstr("class 'lama'"));
  EXPECT_FALSE(fs::exists(drafts_ / "review.jsonl") && !log().answers.empty());
  options_.add_classes = true;
  const auto result = renamed();
  EXPECT_THAT(result.added_classes, ElementsAre("lama"));
  EXPECT_EQ(standing("a.jpg"), "cat 10,20 lama 300,20");
  EXPECT_THAT(log().categories, ElementsAre("cat", "dog", "hen", "lama"));
  EXPECT_EQ(renamed().known, 3u);
  options_.renamed = {{"catz", "cat"}};
  EXPECT_THAT(error_of(renamed, kUsageError), HasSubstr("did you mean 'cats'?"));
}

TEST_F(ImportTest, BoxesOfAnImageOfAnotherSizeStop) {
  const auto sized = [&](int width, int height) {
    return error_of([&] {
      import_as("coco", [&](Dataset& dataset) {
        dataset.samples[1].width = width;
        dataset.samples[1].height = height;
      });
    });
  };
  EXPECT_THAT(sized(480, 640), HasSubstr("'b.jpg' is 480x640 there, the drafts are of 640x480: "
                                         "that is the image before its EXIF orientation"));
  EXPECT_THAT(sized(1280, 960), HasSubstr("boxes would lie elsewhere"));
  EXPECT_EQ(sized(640, 480), "no error");
}

TEST_F(ImportTest, AnswersToABlindSelectionSayThatNothingWasShown) {
  SelectOptions select;
  select.drafts = drafts_;
  select.purpose = "certify";
  select.budget = 2;
  select.seed = 1;
  select_images(select);
  options_.selection = "certify";
  const auto result = import_as("coco", [](Dataset&) {});
  EXPECT_EQ(result.answers, 2u) << "as drafted, but drawn by people";
  ASSERT_THAT(result.problems, SizeIs(1));
  EXPECT_EQ(result.problems[0].reason, "not_asked");
  const auto answer = log().answers.at(0);
  EXPECT_EQ(answer.shown, "blind");
  EXPECT_EQ(answer.purpose, "certify");
  EXPECT_EQ(answer.selection, "certify");
  EXPECT_EQ(answer.model_version, "");
  EXPECT_THAT(answer.drafts, IsEmpty());
  EXPECT_THAT(answer.labels, SizeIs(2));
}

TEST_F(ImportTest, ALaterAnswerToDraftsDoesNotPassForABlindOne) {
  SelectOptions select;
  select.drafts = drafts_;
  select.purpose = "certify";
  select.budget = 3;
  select_images(select);
  options_.selection = "certify";
  auto export_ = tasks();
  auto seen = reviewed("2026-01-05T00:00:00Z");
  seen.shown = "draft";
  AnswerWriter(drafts_).append(std::vector{seen}, kCategories);
  annotate(export_[0], 7, "2026-01-02T00:00:00Z")["result"].erase(0);
  import_tasks(export_);
  EXPECT_EQ(standing("a.jpg"), "cat 10,20 dog 300,20") << "the later";
  ASSERT_THAT(log().answers, SizeIs(3));
  EXPECT_EQ(log().answers[1].shown, "blind");
  EXPECT_EQ(text_of(log().answers[1].labels, kCategories), "dog 300,20");
  EXPECT_EQ(log().answers[2].shown, "draft");
  EXPECT_EQ(log().answers[2].selection, "");
}

TEST_F(ImportTest, AnswersToPlantedDraftsNeverStand) {
  Dataset gold = read_drafts(drafts_);
  for (Sample& sample : gold.samples) {
    for (Label& label : sample.labels) label.score.reset();
  }
  fs::create_directories(folder_ / "gold");
  format_named("coco").write(gold, folder_ / "gold");
  SelectOptions select;
  select.drafts = drafts_;
  select.purpose = "review";
  select.budget = 2;
  select.seed = 1;
  select.honeypots = 0.5;
  select.gold = folder_ / "gold";
  select_images(select);
  const auto selection = read_selection(drafts_, "review", kCategories);
  ASSERT_THAT(selection.honeypots, testing::Not(IsEmpty()));
  options_.selection = "review";
  options_.unchanged = "accepted";
  import_as("coco", [&](Dataset& dataset) {
    std::erase_if(dataset.samples, [&](const Sample& sample) {
      return std::find(selection.images.begin(), selection.images.end(), sample.image) ==
             selection.images.end();
    });
  });
  const auto& planted = selection.honeypots[0];
  for (const Answer& answer : log().answers) {
    if (answer.image != planted.image) continue;
    EXPECT_EQ(answer.shown, "honeypot");
    EXPECT_EQ(answer.drafts.size(), planted.labels.size());
  }
  EXPECT_EQ(standing(planted.image), "nobody's");
}

TEST_F(ImportTest, ChoicesKeepTheIdsOfTheClassesThatStay) {
  auto classes = two_boxes("a.jpg");
  classes.sample.labels = {{0, 0.9, {}, draft_id("a.jpg", "", "v", "cat")},
                           {1, 0.8, {}, draft_id("a.jpg", "", "v", "dog")}};
  write_draft_folder(drafts_, "multilabel", kCategories, {classes});
  auto export_ = tasks();
  auto& annotation = annotate(export_[0], 7, "2026-01-02T00:00:00Z");
  annotation["result"][0]["value"]["choices"] = {"dog"};  // its id is the cat's
  EXPECT_EQ(import_tasks(export_).objects, (ObjectCounts{.accepted = 1, .deleted = 1}));
  EXPECT_EQ(log().answers.at(0).labels.at(0).id, classes.sample.labels[1].id);
  annotation["result"][0]["value"]["choices"] = {"dog", "hen"};
  annotation["updated_at"] = "2026-01-03T00:00:00Z";
  EXPECT_EQ(import_tasks(export_).objects, (ObjectCounts{.accepted = 1, .relabelled = 1}));
  EXPECT_EQ(standing("a.jpg"), "hen dog");
}

TEST_F(ImportTest, ARelabelledImageKeepsItsDraftsId) {
  auto one = two_boxes("a.jpg");
  one.sample.labels = {{0, 0.9, {}, draft_id("a.jpg", "", "v", "class")}};
  write_draft_folder(drafts_, "classify", kCategories, {one});
  auto export_ = tasks();
  annotate(export_[0], 7, "2026-01-02T00:00:00Z")["result"][0]["value"]["choices"] = {"hen"};
  EXPECT_EQ(import_tasks(export_).objects, (ObjectCounts{.relabelled = 1}));
  EXPECT_EQ(standing("a.jpg"), "hen");
  EXPECT_EQ(log().answers.at(0).labels.at(0).id, one.sample.labels[0].id);
}

TEST_F(ImportTest, ClassesOfImagesComeBackToo) {
  DraftedWorld world = drafted_world(3, 0, 1);
  for (LedgerEntry& entry : world.entries) entry.sample.labels[0].category = 0;
  write_draft_folder(drafts_, "classify", world.categories, world.entries);
  write_text(folder_ / "a.csv", "path,label\nimg/0000.jpg,ant\nimg/0001.jpg,bee\nimg/0002.jpg,\n");
  const auto result = import_file("a.csv");
  EXPECT_EQ(result.answers, 1u);
  EXPECT_EQ(result.unchanged, 2u);
  EXPECT_EQ(result.objects, (ObjectCounts{.relabelled = 1}));
  const auto answers = read_answer_log(drafts_, world.categories).answers;
  EXPECT_EQ(answers.at(0).labels.at(0).id, world.entries[1].sample.labels[0].id);
}

}  // namespace
}  // namespace preannotate
