#include <fstream>

#include "answered_session.h"
#include "preannotate/core/hash.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/runs.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

using UpdateSession = AnsweredSession;

TEST_F(UpdateSession, RightAnswersArePromotedAndCurrentLeadsToTheNewRun) {
  prepare(4, 60, 20);
  const auto inputs = content_of(world_.folder);
  std::vector<Answer> answers;
  for (size_t i = 0; i < 24; ++i) answers.push_back(answer(images_[i], truth_.at(images_[i])));
  append(answers);
  const auto drafts = content_of(folder_ / "drafts");
  const auto result = update(update_options("r2"));
  EXPECT_EQ(result.outcome, "promoted") << result.reason;
  EXPECT_EQ(result.exit_code, kDone);
  EXPECT_EQ(fs::read_symlink(folder_ / "runs" / "current"), "r2");
  EXPECT_EQ(load_run(folder_ / "runs" / "current").manifest.model_version, result.model_version);

  const Json lineage = manifest("r2").at("lineage");
  EXPECT_EQ(lineage.at("parent"), load_run(folder_ / "runs" / "r1").manifest.model_version);
  EXPECT_EQ(lineage.at("round"), 1);
  EXPECT_EQ(lineage.at("promoted"), true);
  const Json& learned = lineage.at("learned");
  EXPECT_EQ(learned.at("images"), 12 + 24) << "drafts that nobody reviewed are not learned from";
  const Json& kinds = learned.at("by_kind");
  EXPECT_EQ(kinds.at("seed"), 12);
  EXPECT_EQ(kinds.at("edited").get<int>() + kinds.at("accepted").get<int>(), 24);
  EXPECT_EQ(lineage.at("gold").at("images"), 20);
  EXPECT_EQ(content_of(world_.folder), inputs) << "an input was touched";
  EXPECT_EQ(content_of(folder_ / "drafts"), drafts) << "drafts or answers were touched";
}

TEST_F(UpdateSession, TheSameAgainIsNothingNew) {
  prepare(4, 50, 20);
  append({answer(images_[0], truth_.at(images_[0])), answer(images_[1], truth_.at(images_[1]))});
  ASSERT_EQ(update(update_options("r2")).outcome, "promoted");
  for (const char* model : {"current", "r1"}) {
    const auto again = update(update_options("r3", model));
    EXPECT_EQ(again.outcome, "nothing new") << model;
    EXPECT_EQ(again.exit_code, kDone);
    EXPECT_FALSE(fs::exists(folder_ / "runs" / "r3"));
  }
  append({answer(images_[2], truth_.at(images_[2]))});
  const auto more = update(update_options("r3", "current"));
  EXPECT_EQ(more.outcome, "promoted") << more.reason;
  EXPECT_EQ(manifest("r3").at("lineage").at("round"), 2);
}

TEST_F(UpdateSession, WithoutAnAnswerThereIsNothingNew) {
  prepare(4, 30, 10);
  EXPECT_EQ(update(update_options("r2")).outcome, "nothing new");
  EXPECT_FALSE(fs::exists(folder_ / "runs" / "r2"));
}

TEST_F(UpdateSession, WrongAnswersAreRefusedAndTheOldRunStays) {
  prepare(6, 110, 50);
  std::vector<Answer> answers;
  for (size_t i = 0; i < 60; ++i) {
    const auto& image = images_[i];
    answers.push_back(answer(image, i % 2 ? wrong(image) : truth_.at(image)));
  }
  append(answers);
  const auto result = update(update_options("r2"));
  EXPECT_EQ(result.outcome, "refused");
  EXPECT_EQ(result.exit_code, kCheckFailed);
  EXPECT_FALSE(result.reason.empty());
  EXPECT_EQ(manifest("r2").at("lineage").at("promoted"), false);
  EXPECT_FALSE(fs::exists(folder_ / "runs" / "current"));

  const auto again = update(update_options("r3"));
  EXPECT_EQ(again.outcome, "nothing new");
  EXPECT_THAT(again.reason, HasSubstr("was refused"));
  auto looser = update_options("r3");
  looser.max_wrong_answers = looser.max_class_drop = 1;
  EXPECT_NE(update(looser).outcome, "nothing new") << "other limits are another question";
}

TEST_F(UpdateSession, AnImageOfTheGoldSetIsNeverTrainedOn) {
  prepare(4, 40, 20);
  const std::string judge = ledger().back().sample.image;
  append({answer(images_[0], truth_.at(images_[0])), answer(judge, truth_.at(judge))});
  update(update_options("r2"));
  const auto learned =
      strings_field(read_json(folder_ / "runs" / "r2" / "learned.json"), "images", "learned.json");
  EXPECT_EQ(learned.size(), 13u);
  EXPECT_THAT(learned, Not(testing::Contains(sha256_of_file(world_.unlabelled / judge))));
  EXPECT_THAT(learned, testing::Contains(sha256_of_file(world_.unlabelled / images_[0])));
  EXPECT_EQ(manifest("r2").at("lineage").at("learned").at("of_gold_left_out"), 1);
}

TEST_F(UpdateSession, TheNewestAnswerOfAContentCounts) {
  prepare(4, 40, 20);
  const auto& image = images_[0];
  fs::copy_file(world_.unlabelled / image, world_.unlabelled / "a" / "00copy.jpg");
  fs::remove_all(folder_ / "drafts");
  draft("r1", {});
  auto older = answer(image, wrong(image)), newer = answer("a/00copy.jpg", truth_.at(image));
  older.at = "2026-01-01T00:00:00Z";
  newer.at = "2026-01-02T00:00:00Z";
  append({newer, older});
  update(update_options("r2"));
  const Json r2 = manifest("r2");
  EXPECT_EQ(r2.at("lineage").at("learned").at("images"), 13);
  EXPECT_EQ(r2.at("lineage").at("learned").at("copies_left_out"), 1);
  EXPECT_EQ(r2.at("data").at("per_class").at(truth_.at(image)), 5);
}

TEST_F(UpdateSession, ClassesThatPeopleAddedComeBehindTheOldOnes) {
  prepare(4, 40, 20);
  std::vector<Answer> answers;
  for (size_t i = 0; i < 4; ++i) answers.push_back(answer(images_[i], "amber"));
  append(answers);
  const auto result = update(update_options("r2"));
  EXPECT_THAT(load_run(folder_ / "runs" / "r2").manifest.classes,
              ElementsAre("blue", "green", "red", "amber"))
      << result.reason;
}

TEST_F(UpdateSession, ADraftThatWasTakenAwaySaysWhatTheImageIsNot) {
  prepare(4, 40, 20);
  append({answer(images_[0], ""), answer(images_[1], truth_.at(images_[1]))});
  update(update_options("r2"));
  const Json r2 = manifest("r2");
  EXPECT_EQ(r2.at("lineage").at("learned").at("by_kind").at("rejected"), 1);
  long labelled = 0;
  for (const auto& [name, count] : r2.at("data").at("per_class").items())
    labelled += count.get<long>();
  EXPECT_EQ(labelled, 13);
}

TEST_F(UpdateSession, WithoutGoldItAsksForIt) {
  prepare(4, 30, 10);
  append({answer(images_[0], truth_.at(images_[0]))});
  auto options = update_options("r2");
  options.gold.clear();
  EXPECT_THAT(refusal([&] { update(options); }), HasSubstr("without --gold LABELLED"));
  EXPECT_FALSE(fs::exists(folder_ / "runs" / "r2"));
}

TEST_F(UpdateSession, WithoutTheSeedItLearnsFromTheAnswersAlone) {
  prepare(4, 60, 20);
  std::vector<Answer> answers;
  for (size_t i = 0; i < 30; ++i) answers.push_back(answer(images_[i], truth_.at(images_[i])));
  append(answers);
  fs::remove_all(world_.seed);
  const auto result = update(update_options("r2"));
  EXPECT_EQ(manifest("r2").at("lineage").at("learned").at("images"), 30);
  EXPECT_EQ(manifest("r2").at("lineage").at("forgetting"), nullptr);
  EXPECT_EQ(result.outcome, "promoted") << result.reason;
}

TEST_F(UpdateSession, AnImageThatIsNoLongerWhatWasAnsweredIsLeftOut) {
  prepare(4, 40, 20);
  append({answer(images_[0], truth_.at(images_[0])), answer(images_[1], truth_.at(images_[1]))});
  fs::copy_file(world_.unlabelled / images_[5], world_.unlabelled / images_[1],
                fs::copy_options::overwrite_existing);
  const auto result = update(update_options("r2"));
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  EXPECT_EQ(manifest("r2").at("lineage").at("learned").at("images"), 13);
}

/// Each image has several classes or none: an answer is all of them.
TEST_F(UpdateSession, AnswersOfSeveralClassesAreJudgedByTheF1OfTheirImages) {
  world_ = make_multilabel_world(folder_ / "world", 64);
  std::istringstream lines(read_text(world_.seed));
  std::string line, seed, gold;
  std::getline(lines, line);
  seed = gold = line + "\n";
  for (int i = 0; std::getline(lines, line); ++i) {
    if (i < 24) seed += line + "\n";
    if (i < 48) continue;
    gold += line + "\n";
  }
  write_text(world_.folder / "seed.csv", seed);
  write_text(world_.folder / "gold.csv", gold);
  auto options = train_options(world_);
  options.data = world_.folder / "seed.csv";
  options.output = folder_ / "runs" / "r1";
  train(options);
  world_.unlabelled = world_.folder / "images";
  draft("r1", {});
  std::vector<Answer> answers;
  for (int i = 24; i < 48; ++i) {
    auto all = answer((i < 10 ? "0" : "") + std::to_string(i) + ".png", "", "blind");
    for (int c = 0; c < 3; ++c) {
      if (i >> c & 1) all.labels.push_back({c, {}, {}, ""});
    }
    answers.push_back(std::move(all));
  }
  append(answers);
  const auto result = update(update_options("r2"));
  EXPECT_EQ(result.outcome, "promoted") << result.reason;
  EXPECT_EQ(result.lineage.at("gold").at("figure"), "image_f1");
  EXPECT_EQ(result.lineage.at("learned").at("images"), 48);
}

TEST_F(UpdateSession, CurrentStaysWhereSomebodyChoseAnotherRun) {
  prepare(4, 40, 20);
  append({answer(images_[0], truth_.at(images_[0]))});
  ASSERT_EQ(update(update_options("r2")).outcome, "promoted");
  append({answer(images_[1], truth_.at(images_[1]))});
  const auto result = update(update_options("r3", "r1"));  // current is r2
  EXPECT_EQ(result.outcome, "promoted") << result.reason;
  EXPECT_TRUE(result.current.empty());
  EXPECT_THAT(result.current_reason, HasSubstr("another run"));
  EXPECT_EQ(fs::read_symlink(folder_ / "runs" / "current"), "r2");
}

TEST_F(UpdateSession, RunsListsTheChainAndRollsBack) {
  prepare(4, 40, 20);
  append({answer(images_[0], truth_.at(images_[0]))});
  update(update_options("r2"));
  append({answer(images_[1], truth_.at(images_[1]))});
  update(update_options("a3", "current"));
  const auto listed = list_runs({folder_ / "runs", ""});
  ASSERT_EQ(listed.runs.size(), 3u);
  EXPECT_EQ(listed.runs[0].name, "r1");
  EXPECT_EQ(listed.runs[1].name, "r2");
  EXPECT_EQ(listed.runs[2].name, "a3");
  EXPECT_EQ(listed.runs[2].round, 2);
  EXPECT_EQ(listed.current, "a3");
  EXPECT_EQ(listed.runs[0].figure, "accuracy");

  EXPECT_EQ(list_runs({folder_ / "runs", "r2"}).current, "r2");
  EXPECT_EQ(fs::read_symlink(folder_ / "runs" / "current"), "r2");
  EXPECT_THAT(refusal([&] {
                list_runs({folder_ / "runs", "r22"});
              }),
              HasSubstr("did you mean 'r2'"));
  write_text(folder_ / "runs" / "r1" / "head.pt", "damaged");
  EXPECT_THAT(refusal([&] { list_runs({folder_ / "runs", "r1"}); }), HasSubstr("is damaged"));
  EXPECT_EQ(fs::read_symlink(folder_ / "runs" / "current"), "r2");
}

}  // namespace
}  // namespace preannotate
