#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "preannotate/core/hash.h"
#include "preannotate/core/json.h"
#include "preannotate/data/ledger.h"
#include "preannotate/model/run_folder.h"
#include "preannotate/pipeline/evaluate.h"
#include "preannotate/pipeline/predict.h"
#include "preannotate/pipeline/train.h"
#include "support/test_folder.h"
#include "synthetic.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

/// A whole session on a small synthetic world, in this process.
class SessionTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = test_folder();
    setenv("PREANNOTATE_CACHE", (folder_ / "cache").c_str(), 1);
  }

  TrainOptions train_options(const World& world) const {
    TrainOptions options;
    options.data = world.seed;
    options.output = folder_ / "run";
    options.backbone = world.backbone;
    options.trust_backbone = true;
    options.folds = 4;
    return options;
  }

  PredictOptions predict_options(const World& world) const {
    PredictOptions options;
    options.model = folder_ / "run";
    options.output = folder_ / "drafts";
    options.sources = {world.unlabelled};
    return options;
  }

  std::vector<LedgerEntry> ledger() const {
    const Json run = read_json(folder_ / "drafts" / "run.json");
    LedgerReader reader(folder_ / "drafts" / "drafts.jsonl",
                        strings_field(run, "categories", "run.json"));
    std::vector<LedgerEntry> entries;
    while (auto entry = reader.next()) entries.push_back(std::move(*entry));
    return entries;
  }

  fs::path folder_;
};

double value(const Json& metrics, const char* figure) {
  return metrics.at("validation").at(figure).at("value").get<double>();
}

std::string image_of(const std::string& ledger_line) {
  return string_field(parse_json(ledger_line, "ledger"), "image", "ledger");
}

/// The UserError that `action` throws, as "code: sentence".
std::string refusal(const std::function<void()>& action) {
  try {
    action();
    return "nothing was thrown";
  } catch (const UserError& error) {
    return std::to_string(error.exit_code()) + ": " + error.what();
  }
}

TEST_F(SessionTest, ATargetPrecisionDecidesWhatPredictAccepts) {
  const World world = make_world(folder_ / "world", 8, 12);
  auto options = train_options(world);
  options.target_precision = 0.9;
  const auto trained = train(options);
  const Json& thresholds = trained.metrics.at("thresholds");
  EXPECT_EQ(thresholds.at("target_precision"), 0.9);
  EXPECT_EQ(thresholds.at("items"), 24);
  const auto accept = load_run(folder_ / "run").manifest.accept;
  ASSERT_TRUE(accept);

  auto draft = predict_options(world);
  const Json summary = predict(draft).summary;
  EXPECT_TRUE(summary.at("conf").is_null());
  EXPECT_EQ(summary.at("thresholds"), thresholds.at("per_class"));
  for (const auto& entry : ledger()) {
    const auto& label = entry.sample.labels.at(0);
    EXPECT_EQ(entry.sample.bucket,
              is_accepted(*accept, label.category, *label.score) ? "accept" : "review");
  }
  draft.force = true;
  draft.conf = 0.0;
  const Json with_conf = predict(draft).summary;
  EXPECT_TRUE(with_conf.at("thresholds").is_null());
  EXPECT_EQ(with_conf.at("buckets").at("accept"), 12);
}

TEST_F(SessionTest, AFileOfThresholdsDecidesWhatIsAccepted) {
  const World world = make_world(folder_ / "world", 8, 12);
  train(train_options(world));
  auto draft = predict_options(world);
  draft.thresholds = folder_ / "scores.json";
  testing_support::write_text(draft.thresholds, R"({"red": 0, "green": null, "blue": 0})");
  const Json summary = predict(draft).summary;
  EXPECT_EQ(summary.at("thresholds").at("red"), 0);
  EXPECT_TRUE(summary.at("thresholds").at("green").is_null());
  const Json run = read_json(folder_ / "drafts" / "run.json");
  EXPECT_EQ(run.at("options").at("thresholds"), summary.at("thresholds"));
  size_t green = 0;
  for (const auto& entry : ledger()) {
    const bool is_green = run.at("categories").at(entry.sample.labels.at(0).category) == "green";
    EXPECT_EQ(entry.sample.bucket, is_green ? "review" : "accept");
    green += is_green;
  }
  EXPECT_GT(green, 0u);

  draft.force = true;
  testing_support::write_text(draft.thresholds, R"({"red": 0.5, "green": 0.5})");
  EXPECT_THAT(refusal([&] { predict(draft); }), HasSubstr("no score for class 'blue'"));
  draft.conf = 0.5;
  EXPECT_THAT(refusal([&] { predict(draft); }), HasSubstr("2: --conf and --thresholds"));
}

TEST_F(SessionTest, ATargetPrecisionOfSeveralLabelsJudgesWholeImages) {
  const World world = make_multilabel_world(folder_ / "world", 48);
  auto options = train_options(world);
  options.target_precision = 0.8;
  const auto trained = train(options);
  const Json& thresholds = trained.metrics.at("thresholds");
  EXPECT_EQ(thresholds.at("items"), 48);
  EXPECT_EQ(thresholds.at("drafts"), "images");
  EXPECT_TRUE(thresholds.at("classes").empty());
  EXPECT_TRUE(load_run(folder_ / "run").manifest.accept);
}

TEST_F(SessionTest, ATargetPrecisionThatCannotBeJudgedIsRefused) {
  const World world = make_world(folder_ / "world", 3, 1);
  auto options = train_options(world);
  options.target_precision = 0.9;
  options.conf = 0.9;
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("2: --conf and --target-precision"));
  options.conf.reset();
  options.folds = 0;
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("--folds 0 leaves none"));
  options.folds = 3;
  options.target_precision = 95;
  EXPECT_THAT(refusal([&] { train(options); }), HasSubstr("expected a share from 0.5 to 0.9999"));
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

TEST_F(SessionTest, AFolderLikeTheSeedIsSaidToBe) {
  const World world = make_world(folder_ / "world", 20, 60);
  train(train_options(world));
  EXPECT_EQ(load_run(folder_ / "run").manifest.reference->images(), 60);
  const auto result = predict(predict_options(world));
  const Json& drift = result.summary.at("drift");
  EXPECT_EQ(drift.at("verdict"), "like");
  EXPECT_EQ(drift.at("images"), 60);
  EXPECT_EQ(drift.at("reference_images"), 60);
  EXPECT_NEAR(drift.at("auc").at("value").get<double>(), 0.5, 0.15);
  for (const auto& entry : ledger()) {
    ASSERT_TRUE(entry.strangeness);
    EXPECT_GT(entry.distance, 0);
  }
  const auto report = read_text(folder_ / "drafts" / "report.html");
  EXPECT_THAT(report, HasSubstr("The folder is like the seed"));
  EXPECT_THAT(report, HasSubstr("data:image/jpeg"));
}

TEST_F(SessionTest, AFolderUnlikeTheSeedIsWarnedOf) {
  const World world = make_world(folder_ / "world", 20, 30);
  darken_all(world.unlabelled);
  train(train_options(world));
  testing::internal::CaptureStderr();
  const auto result = predict(predict_options(world));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("unlike the seed"));
  EXPECT_EQ(result.exit_code, kDone);
  const Json& drift = result.summary.at("drift");
  EXPECT_EQ(drift.at("verdict"), "unlike");
  EXPECT_GT(drift.at("auc").at("value").get<double>(), 0.9);
  EXPECT_LT(drift.at("p_value").get<double>(), 1e-6);
  EXPECT_THAT(read_text(folder_ / "drafts" / "report.html"),
              HasSubstr("The folder is unlike the seed"));
}

TEST_F(SessionTest, ImagesOfTheSeedItselfAreNoEvidence) {
  const World world = make_world(folder_ / "world", 20, 1);
  train(train_options(world));
  auto options = predict_options(world);
  options.sources = {world.seed};
  const Json drift = predict(options).summary.at("drift");
  EXPECT_EQ(drift.at("verdict"), "too_few_images");
  EXPECT_EQ(drift.at("images"), 0);
  EXPECT_EQ(drift.at("of_the_seed"), 60);
  for (const auto& entry : ledger()) EXPECT_FALSE(entry.strangeness);
}

TEST_F(SessionTest, MirroredViewsDoNotChangeHowStrangeAnImageIs) {
  const World world = make_world(folder_ / "world", 20, 24);
  train(train_options(world));
  auto options = predict_options(world);
  predict(options);
  const auto plain = ledger();
  options.tta = true;
  options.force = true;
  predict(options);
  const auto averaged = ledger();
  for (size_t i = 0; i < plain.size(); ++i) {
    if (averaged[i].sample.labels[0].category != plain[i].sample.labels[0].category) continue;
    EXPECT_EQ(averaged[i].distance, plain[i].distance);
  }
}

TEST_F(SessionTest, ARunThatKeepsNoReferenceGivesNoVerdict) {
  const World world = make_world(folder_ / "world", 20, 24);
  train(train_options(world));
  auto json = read_json(folder_ / "run" / "run.json");
  fs::remove(folder_ / "run" / "reference.pt");
  json["files"].erase("reference.pt");
  json.erase("sha256");
  json["sha256"] = sha256(json_text(json));
  write_text(folder_ / "run" / "run.json", json_text(json, 1));
  const Json drift = predict(predict_options(world)).summary.at("drift");
  EXPECT_EQ(drift.at("verdict"), "no_reference");
  EXPECT_TRUE(drift.contains("class_mix"));
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
