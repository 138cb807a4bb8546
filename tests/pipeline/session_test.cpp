#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/evaluate.h"
#include "session.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

double value(const Json& metrics, const char* figure) {
  return metrics.at("validation").at(figure).at("value").get<double>();
}

std::string image_of(const std::string& ledger_line) {
  return string_field(parse_json(ledger_line, "ledger"), "image", "ledger");
}

TEST_F(SessionTest, TrainPredictEvaluate) {
  const World world = make_world(folder_ / "world", 8, 24);
  const auto before = content_of(world.folder);

  const auto trained = train(train_options(world));
  EXPECT_EQ(trained.exit_code, kDone);
  EXPECT_GT(value(trained.metrics, "accuracy"), 0.9);
  // Every other precision of this processor was tried; the run allows those that passed and pay.
  size_t passed = 1;
  EXPECT_EQ(trained.metrics.at("precision").size() + 1, usable_precisions().size());
  for (const auto& trial : trained.metrics.at("precision")) {
    EXPECT_EQ(trial.at("images").get<int>(), trained.metrics.at("data").at("images").get<int>());
    EXPECT_EQ(trial.at("passed").get<bool>(), trial.at("agreement").get<double>() >= 0.99);
    EXPECT_GT(trial.at("speed").get<double>(), 0);
    passed += trial.at("passed").get<bool>();
  }
  const auto allowed = load_run(folder_ / "run").manifest.precisions;
  EXPECT_EQ(allowed.front(), Precision::kFp32);
  EXPECT_LE(allowed.size(), passed);
  for (const auto& name : run_entries()) EXPECT_TRUE(fs::exists(folder_ / "run" / name)) << name;
  EXPECT_EQ(load_run(folder_ / "run").manifest.model_version, trained.model_version);

  auto options = predict_options(world);
  options.formats = {"coco", "label_studio", "csv", "folder"};
  const auto predicted = predict(options);
  EXPECT_EQ(predicted.exit_code, kDone);
  EXPECT_EQ(predicted.summary.at("found").get<int>(), 24);
  EXPECT_EQ(predicted.summary.at("done").get<int>(), 24);

  EvaluateOptions judge;
  judge.drafts = folder_ / "drafts";
  judge.data = world.truth;
  const auto judged = evaluate(judge);
  EXPECT_EQ(judged.exit_code, kDone);
  EXPECT_GT(value(judged.metrics, "accuracy"), 0.9);

  EXPECT_EQ(content_of(world.folder), before) << "an input was touched";
}

TEST_F(SessionTest, TheLedgerHoldsEveryInputInOrderWithAllScores) {
  const World world = make_world(folder_ / "world", 6, 21);
  write_text(world.unlabelled / "a" / "05x.jpg", "no image at all");
  write_text(world.unlabelled / "zz.png", "");
  const auto jpeg = read_text(world.unlabelled / "a" / "00.jpg");
  write_text(world.unlabelled / "b c" / "cut.jpg", jpeg.substr(0, jpeg.size() / 2));
  train(train_options(world));
  const auto result = predict(predict_options(world));
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  EXPECT_EQ(result.summary.at("found").get<int>(), 24);
  EXPECT_EQ(result.summary.at("skipped").get<int>(), 3);
  EXPECT_EQ(result.summary.at("reasons").at("empty_file").get<int>(), 1);
  EXPECT_EQ(result.summary.at("reasons").at("not_an_image").get<int>(), 1);
  EXPECT_EQ(result.summary.at("reasons").at("truncated").get<int>(), 1);

  const auto entries = ledger();
  ASSERT_EQ(entries.size(), 24u);
  for (size_t i = 1; i < entries.size(); ++i) {
    EXPECT_LT(entries[i - 1].sample.image, entries[i].sample.image);
  }
  for (const auto& entry : entries) {
    if (entry.status != "done") continue;
    ASSERT_EQ(entry.scores.size(), 3u);
    EXPECT_NEAR(entry.scores[0] + entry.scores[1] + entry.scores[2], 1, 1e-4);
    EXPECT_EQ(entry.sample.bucket, *entry.sample.labels.at(0).score >= 0.9 ? "accept" : "review");
    EXPECT_EQ(entry.sample.labels[0].id.size(), 12u);
    EXPECT_EQ(entry.sample.width, 48);
  }
}

TEST_F(SessionTest, ABadImageChangesNoOtherLineOfTheLedger) {
  const World world = make_world(folder_ / "world", 6, 12);
  train(train_options(world));
  predict(predict_options(world));
  std::map<std::string, std::string> clean;
  std::ifstream first(folder_ / "drafts" / "drafts.jsonl");
  for (std::string line; std::getline(first, line);) {
    clean[image_of(line)] = line;
  }
  write_text(world.unlabelled / "a" / "01.jpg", "broken");
  auto again = predict_options(world);
  again.force = true;
  predict(again);
  std::ifstream second(folder_ / "drafts" / "drafts.jsonl");
  size_t same = 0;
  for (std::string line; std::getline(second, line);) same += clean[image_of(line)] == line;
  EXPECT_EQ(same, 11u);
}

TEST_F(SessionTest, TwoPredictionsAreByteIdenticalWhateverTheWorkers) {
  const World world = make_world(folder_ / "world", 6, 15);
  train(train_options(world));
  auto options = predict_options(world);
  options.workers = 1;
  predict(options);
  const auto one = content_of(folder_ / "drafts");
  options.workers = 3;
  options.force = true;
  predict(options);
  auto three = content_of(folder_ / "drafts");
  for (const auto& [name, hash] : one) {
    if (name == "summary.json") continue;  // it holds times
    EXPECT_EQ(three[name], hash) << name;
  }
}

TEST_F(SessionTest, TwoTrainingsGiveTheSameHead) {
  const World world = make_world(folder_ / "world", 6, 1);
  auto options = train_options(world);
  train(options);
  const auto first = content_of(folder_ / "run");
  options.force = true;  // features now come from the cache
  train(options);
  const auto second = content_of(folder_ / "run");
  EXPECT_EQ(first.at("head.pt"), second.at("head.pt"));
  EXPECT_EQ(first.at("backbone.pt"), second.at("backbone.pt"));
}

TEST_F(SessionTest, AnExistingOutputNeedsForceAndForeignFilesAreNeverReplaced) {
  const World world = make_world(folder_ / "world", 4, 4);
  auto options = train_options(world);
  train(options);
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("8: "));
  options.output = world.seed;
  options.force = true;
  const auto before = content_of(world.seed);
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("8: "));
  EXPECT_EQ(content_of(world.seed), before);
}

TEST_F(SessionTest, AFailedTrainingLeavesNothing) {
  const World world = make_world(folder_ / "world", 4, 4);
  auto options = train_options(world);
  options.unfreeze = 99;
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("2: --unfreeze 99"));
  EXPECT_FALSE(fs::exists(options.output));
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr("partial")));
  }
}

// Rows 93, 94, 97.
TEST_F(SessionTest, SeedsThatCannotTeachAreRefusedWithTheReason) {
  const World world = make_world(folder_ / "world", 3, 1);
  auto options = train_options(world);
  fs::remove_all(world.seed / "red");
  fs::remove_all(world.seed / "blue");
  EXPECT_THAT(refusal([&] { train(options); }),
              testing::AllOf(HasSubstr("4: "), HasSubstr("one class")));
  fs::remove_all(world.seed / "green");
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("4: "));
  options.data = folder_ / "nowhere";
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("2: "));
}

// Row 95.
TEST_F(SessionTest, AClassWithOneImageTrainsButIsNotValidatedOn) {
  const World world = make_world(folder_ / "world", 6, 1);
  for (int i = 1; i < 6; ++i) {
    fs::remove(world.seed / "red" / ("0" + std::to_string(i) + ".jpg"));
  }
  const auto result = train(train_options(world));
  EXPECT_EQ(result.metrics.at("validation").at("items").get<int>(), 12);
  EXPECT_THAT(result.metrics.at("advice").dump(), HasSubstr("'red' has a single image"));
}

// Row 96.
TEST_F(SessionTest, OneImageAClassGivesAModelAndNoQualityEstimate) {
  const World world = make_world(folder_ / "world", 1, 9);
  const auto result = train(train_options(world));
  EXPECT_TRUE(result.metrics.at("validation").is_null());
  EXPECT_THAT(read_text(folder_ / "run" / "report.html"), HasSubstr("No quality estimate"));
  EXPECT_EQ(predict(predict_options(world)).exit_code, kDone);
}

TEST_F(SessionTest, UnreadableSeedImagesAreNamedAndLeftOut) {
  const World world = make_world(folder_ / "world", 5, 1);
  write_text(world.seed / "red" / "bad.jpg", "not a picture");
  auto options = train_options(world);
  const auto result = train(options);
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  EXPECT_EQ(result.metrics.at("data").at("left_out").at(0).at("image").get<std::string>(),
            "red/bad.jpg");
  EXPECT_EQ(result.metrics.at("data").at("images").get<int>(), 15);
  options.allow_skipped = options.force = true;
  EXPECT_EQ(train(options).exit_code, kDone);
}

TEST_F(SessionTest, HeldOutImagesJudgeTheHeadThatIsSaved) {
  const World world = make_world(folder_ / "world", 10, 1);
  auto options = train_options(world);
  options.val = 0.3;
  const auto result = train(options);
  EXPECT_EQ(result.metrics.at("validation").at("method").get<std::string>(), "hold-out 30 %");
  EXPECT_EQ(result.metrics.at("validation").at("items").get<int>(), 9);
}

TEST_F(SessionTest, UnfreezingReportsAndKeepsOnlyWhatIsBetter) {
  const World world = make_world(folder_ / "world", 8, 6);
  auto options = train_options(world);
  options.unfreeze = 2;
  options.epochs = 3;
  const auto result = train(options);
  const Json& report = result.metrics.at("fine_tune");
  EXPECT_EQ(report.at("stages").size(), 2u);
  const bool better =
      report.at("log_loss_after").get<double>() < report.at("log_loss_before").get<double>();
  EXPECT_EQ(report.at("kept").get<bool>(), better);
  const auto original = content_of(world.folder).at("tiny.pt");
  EXPECT_EQ(content_of(folder_ / "run").at("backbone.pt") != original, better);
  EXPECT_EQ(predict(predict_options(world)).exit_code, kDone);
}

TEST_F(SessionTest, SeveralLabelsAnImage) {
  const World world = make_multilabel_world(folder_ / "world", 48);
  auto options = train_options(world);
  const auto trained = train(options);
  EXPECT_EQ(trained.metrics.at("task").get<std::string>(), "multilabel");
  EXPECT_GT(trained.metrics.at("validation").at("map").get<double>(), 0.8);

  auto draft = predict_options(world);
  draft.sources = {world.folder};
  const auto predicted = predict(draft);
  EXPECT_EQ(predicted.summary.at("found").get<int>(), 48);
  EXPECT_GT(predicted.summary.at("empty").get<int>(), 0);

  EvaluateOptions judge;
  judge.drafts = folder_ / "drafts";
  judge.data = world.seed;
  judge.fail_under = {"map=0.8"};
  EXPECT_EQ(evaluate(judge).exit_code, kDone);
  judge.fail_under = {"map=0.8", "exact_match=1.01"};
  const auto failed = evaluate(judge);
  EXPECT_EQ(failed.exit_code, kCheckFailed);
  ASSERT_EQ(failed.below.size(), 1u);
  EXPECT_THAT(failed.below[0], HasSubstr("exact_match"));
  options.task = "classify";
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("use --task multilabel"));
}

TEST_F(SessionTest, ARunAndItsDraftsAreJudgedAlike) {
  const World world = make_world(folder_ / "world", 6, 20);
  train(train_options(world));
  predict(predict_options(world));
  EvaluateOptions drafts;
  drafts.drafts = folder_ / "drafts";
  drafts.data = world.truth;
  fs::copy_file(world.truth, world.unlabelled / "truth.csv");
  EvaluateOptions run;
  run.model = folder_ / "run";
  run.data = world.unlabelled / "truth.csv";
  run.output = folder_ / "evaluation";
  EXPECT_NEAR(value(evaluate(drafts).metrics, "accuracy"), value(evaluate(run).metrics, "accuracy"),
              1e-12);
  EXPECT_TRUE(fs::exists(folder_ / "evaluation" / "report.html"));
}

TEST_F(SessionTest, EvaluateNamesWhatDoesNotMatch) {
  const World world = make_world(folder_ / "world", 6, 8);
  train(train_options(world));
  predict(predict_options(world));
  EvaluateOptions judge;
  judge.drafts = folder_ / "drafts";
  judge.data = world.folder / "other.csv";
  write_text(judge.data, "path,label\na/00.jpg,rd\n");
  EXPECT_THAT(refusal([&] { evaluate(judge); }),
              testing::AllOf(HasSubstr("4: "), HasSubstr("did you mean 'red'?")));
  write_text(judge.data, "path,label\nelse/00.jpg,red\n");
  EXPECT_THAT(refusal([&] { evaluate(judge); }), HasSubstr("only 0 of 1"));
  judge.data = world.truth;
  judge.fail_under = {"acuracy=0.5"};
  EXPECT_THAT(refusal([&] { evaluate(judge); }), HasSubstr("did you mean accuracy?"));
}

TEST_F(SessionTest, ADryRunCountsAndWritesNothing) {
  const World world = make_world(folder_ / "world", 4, 7);
  train(train_options(world));
  auto options = predict_options(world);
  options.dry_run = true;
  EXPECT_EQ(predict(options).summary.at("found").get<int>(), 7);
  EXPECT_FALSE(fs::exists(options.output));
}

TEST_F(SessionTest, SourcesMayBeFilesAndAListOnStdin) {
  const World world = make_world(folder_ / "world", 4, 6);
  train(train_options(world));
  std::istringstream list((world.unlabelled / "a" / "00.jpg").string() + "\r\n" +
                          (world.unlabelled / "a" / "01.jpg").string() + "\n");
  auto options = predict_options(world);
  options.sources = {"-", world.unlabelled / "b c" / "01.jpg"};
  options.list = &list;
  EXPECT_EQ(predict(options).summary.at("done").get<int>(), 3);
}

TEST_F(SessionTest, TtaAveragesTheViews) {
  const World world = make_world(folder_ / "world", 6, 6);
  train(train_options(world));
  auto options = predict_options(world);
  predict(options);
  const auto plain = ledger();
  options.tta = options.force = true;
  predict(options);
  const auto averaged = ledger();
  double moved = 0;
  for (size_t i = 0; i < plain.size(); ++i)
    moved += std::abs(plain[i].scores[0] - averaged[i].scores[0]);
  EXPECT_GT(moved, 0);
}

TEST_F(SessionTest, AugmentedViewsAreAllInTheCache) {
  const World world = make_world(folder_ / "world", 4, 1);
  auto options = train_options(world);
  options.augment = "light";
  const auto result = train(options);
  EXPECT_EQ(result.metrics.at("head").at("views").get<int>(), 4);
  size_t entries = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "cache")) {
    entries += entry.is_regular_file();
  }
  EXPECT_GE(entries, 12u);
}

TEST_F(SessionTest, ADamagedRunDraftsNothing) {
  const World world = make_world(folder_ / "world", 4, 3);
  train(train_options(world));
  auto bytes = read_text(folder_ / "run" / "head.pt");
  bytes[bytes.size() / 2] ^= 1;
  write_text(folder_ / "run" / "head.pt", bytes);
  EXPECT_THAT(refusal([&] { predict(predict_options(world)); }), HasSubstr("5: "));
  EXPECT_FALSE(fs::exists(folder_ / "drafts"));
}

}  // namespace
}  // namespace preannotate
