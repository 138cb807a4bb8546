#include <nlohmann/json.hpp>
#include <set>

#include "boxed_session.h"
#include "preannotate/data/format.h"
#include "preannotate/model/run_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using namespace testing_support;

using DetectionSession = BoxedSession;

const BoxedPicture& picture_named(const BoxedWorld& world, const std::string& name) {
  for (const auto& picture : world.pictures) {
    if (picture.name == name) return picture;
  }
  throw std::runtime_error("no picture " + name);
}

/// Share of the drafted labels that lie on an object of their class.
double share_right(const BoxedWorld& world, const std::vector<LedgerEntry>& entries) {
  double right = 0, all = 0;
  for (const auto& entry : entries) {
    for (const auto& label : entry.sample.labels) {
      ++all;
      for (const auto& object : picture_named(world, entry.sample.image).objects) {
        right += object.category == label.category && iou(object.box, *label.box) > 0.5f;
      }
    }
  }
  return all > 0 ? right / all : 0;
}

TEST_F(DetectionSession, TrainPredictEvaluate) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 24, 12);
  const auto before = content_of(world.folder);
  const auto trained = train(train_options(world));
  EXPECT_EQ(trained.exit_code, kDone);
  EXPECT_EQ(trained.metrics.at("task"), "detect");
  EXPECT_EQ(trained.metrics.at("validation").at("method"), "3-fold out-of-fold");
  EXPECT_GT(map50(trained.metrics), 0.7);
  for (const auto& name : run_entries()) EXPECT_TRUE(fs::exists(folder_ / "run" / name)) << name;

  auto options = predict_options(world);
  options.formats = {"coco", "label_studio", "voc",  "csv",
                     "cvat", "datumaro",     "yolo", "open_images"};
  options.precision = "fp32";  // as evaluate: what auto would take depends on what was faster
  const auto predicted = predict(options);
  EXPECT_EQ(predicted.exit_code, kDone);
  EXPECT_EQ(predicted.summary.at("found"), 12);
  EXPECT_EQ(predicted.summary.at("done").get<int>() + predicted.summary.at("empty").get<int>(), 12);
  EXPECT_GE(predicted.summary.at("empty").get<int>(), 1);
  const auto entries = ledger();
  ASSERT_EQ(entries.size(), 12u);
  EXPECT_GT(share_right(world, entries), 0.8);

  const Json from_drafts = judged("", folder_ / "drafts", world.truth);
  const Json from_run = judged(folder_ / "run", "", world.truth);
  EXPECT_GT(map50(from_drafts), 0.7);
  for (const char* figure : {"map", "map50", "map75", "ar100", "d_ece"}) {
    EXPECT_NEAR(from_drafts["validation"][figure].get<double>(),
                from_run["validation"][figure].get<double>(), 2e-3)
        << figure;
  }
  EXPECT_EQ(from_drafts["validation"]["objects"], from_run["validation"]["objects"]);
  EXPECT_EQ(from_drafts["validation"]["effort"]["shown"],
            from_run["validation"]["effort"]["shown"]);
  EXPECT_EQ(content_of(world.folder), before) << "an input was touched";
}

TEST_F(DetectionSession, ATargetPrecisionDecidesWhichBoxesNeedNoLook) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 16, 8);
  auto options = train_options(world);
  options.target_precision = 0.6;
  const auto trained = train(options);
  const Json& thresholds = trained.metrics.at("thresholds");
  EXPECT_EQ(thresholds.at("drafts"), "boxes");
  EXPECT_GT(thresholds.at("accepted").get<int>(), 0);
  EXPECT_GT(thresholds.at("precision").at("value").get<double>(), 0.6);
  EXPECT_LE(thresholds.at("minutes_per_1000").at("review_rest"),
            thresholds.at("minutes_per_1000").at("review_all"));
  const auto accept = load_run(folder_ / "run").manifest.accept;
  ASSERT_TRUE(accept);

  auto draft = predict_options(world);
  EXPECT_EQ(predict(draft).summary.at("thresholds"), thresholds.at("per_class"));
  for (const auto& entry : ledger()) {
    bool sure = true;
    for (const auto& label : entry.sample.labels) {
      sure = sure && is_accepted(*accept, label.category, *label.score);
    }
    for (const auto& other : entry.candidates) sure = sure && *other.score < 0.1;
    EXPECT_EQ(entry.sample.bucket == "review", !sure);
  }
  draft.force = true;
  draft.conf = 0.25;  // which boxes are shown; what is accepted stays
  EXPECT_EQ(predict(draft).summary.at("thresholds"), thresholds.at("per_class"));
}

TEST_F(DetectionSession, AFolderIsHeldAgainstTheSeed) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 30, 24);
  train(quick_options(world));
  EXPECT_EQ(load_run(folder_ / "run").manifest.reference->images(), 30);
  const Json like = predict(predict_options(world)).summary.at("drift");
  EXPECT_EQ(like.at("verdict"), "like");
  EXPECT_EQ(like.at("images"), 24);
  for (const auto& entry : ledger()) EXPECT_TRUE(entry.strangeness);

  darken_all(world.unlabelled);
  const Json unlike = predict(predict_options(world, "dark")).summary.at("drift");
  EXPECT_EQ(unlike.at("verdict"), "unlike");
  EXPECT_GT(unlike.at("auc").at("value").get<double>(), 0.9);
}

TEST_F(DetectionSession, EveryFormatHoldsWhatTheLedgerSays) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 8, 6);
  train(quick_options(world));
  auto options = predict_options(world);
  options.formats = {"coco", "label_studio", "voc",  "csv",
                     "cvat", "datumaro",     "yolo", "open_images"};
  options.conf = 0.05;
  predict(options);
  size_t labels = 0;
  std::set<std::string> ids;
  for (const auto& entry : ledger()) {
    labels += entry.sample.labels.size();
    for (const auto& label : entry.sample.labels) ids.insert(label.id);
  }
  ASSERT_GT(labels, 0u);
  EXPECT_EQ(ids.size(), labels);
  EXPECT_FALSE(ids.contains(""));

  const Json coco = read_json(folder_ / "drafts" / "coco" / "annotations.json");
  EXPECT_EQ(coco.at("images").size(), 6u);
  EXPECT_EQ(coco.at("annotations").size(), labels);
  for (const auto& annotation : coco.at("annotations")) {
    EXPECT_TRUE(ids.contains(annotation.at("attributes").at("draft_id")));
    EXPECT_GE(annotation.at("score").get<double>(), 0.05);
  }
  for (const char* name :
       {"coco", "voc", "label_studio", "cvat", "datumaro", "yolo", "open_images"}) {
    const auto back = format_named(name).read(folder_ / "drafts" / name);
    size_t boxes = 0;
    for (const auto& sample : back.samples) boxes += sample.labels.size();
    EXPECT_EQ(boxes, labels) << name;
    EXPECT_EQ(back.samples.size(), 6u) << name;
  }
  size_t regions = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "drafts" / "label_studio")) {
    if (entry.path().extension() != ".json") continue;
    const std::string text = read_text(entry.path());
    for (size_t at = 0; (at = text.find("rectanglelabels\":", at)) != text.npos; ++at) ++regions;
  }
  EXPECT_GT(regions, 0u);
  std::string csv;
  for (const auto& entry : fs::directory_iterator(folder_ / "drafts" / "csv")) {
    csv += read_text(entry.path());
  }
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 7);
}

TEST_F(DetectionSession, BoxesLieInTheUprightFrame) {
  BoxedWorld world = make_boxed_world(folder_ / "world", 24, 12);
  for (auto& picture : world.pictures) picture.sideways = true;
  for (size_t i = 0; i < world.labelled.size(); i += 2) world.labelled[i].sideways = true;
  write_boxed_seed(world.unlabelled, world.pictures);
  write_boxed_seed(folder_ / "world" / "seed", world.labelled);
  const auto trained = train(train_options(world));
  EXPECT_EQ(trained.exit_code, kDone);
  EXPECT_EQ(trained.metrics.at("data").at("images"), 24);
  predict(predict_options(world));
  for (const auto& entry : ledger()) {
    EXPECT_EQ(entry.orientation, 6);
    EXPECT_EQ(entry.sample.width, 96);
    EXPECT_EQ(entry.sample.height, 64);
  }
  EXPECT_GT(share_right(world, ledger()), 0.8);
  EXPECT_GT(map50(judged("", folder_ / "drafts", world.truth)), 0.7);
}

TEST_F(DetectionSession, AnImageWithoutBoxesIsAnEmptyLine) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 8, 5);
  train(quick_options(world));
  write_text(world.unlabelled / "broken.png", "no image");
  auto options = predict_options(world);
  options.conf = 1;
  const auto result = predict(options);
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  EXPECT_EQ(result.summary.at("empty"), 5);
  EXPECT_EQ(result.summary.at("done"), 0);
  size_t empty = 0, candidates = 0;
  for (const auto& entry : ledger()) {
    if (entry.status != "empty") continue;
    ++empty;
    EXPECT_TRUE(entry.sample.labels.empty());
    candidates += entry.candidates.size();
  }
  EXPECT_EQ(empty, 5u);
  EXPECT_GT(candidates, 0u);
  const Json coco = read_json(folder_ / "drafts" / "coco" / "annotations.json");
  EXPECT_EQ(coco.at("images").size(), 5u);
  EXPECT_TRUE(coco.at("annotations").empty());
}

TEST_F(DetectionSession, GatesNameTheFigureThatIsTooLow) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 8, 5);
  train(quick_options(world));
  predict(predict_options(world));
  EvaluateOptions options;
  options.drafts = folder_ / "drafts";
  options.data = world.truth;
  options.output = folder_ / "evaluation";
  options.fail_under = {"map50=0"};
  EXPECT_EQ(evaluate(options).exit_code, kDone);
  EXPECT_THAT(read_text(folder_ / "evaluation" / "report.html"), HasSubstr("<html"));
  options.output = "";
  options.fail_under = {"map50=1.01", "map=0"};
  const auto failed = evaluate(options);
  EXPECT_EQ(failed.exit_code, kCheckFailed);
  ASSERT_EQ(failed.below.size(), 1u);
  EXPECT_THAT(failed.below[0], HasSubstr("is under 1.01"));
  options.fail_under = {"accuracy=0.5"};
  EXPECT_THAT(refusal([&] { evaluate(options); }),
              AllOf(HasSubstr("2: "), HasSubstr("accuracy"), HasSubstr("map50")));
}

TEST_F(DetectionSession, LabelsAreMatchedToDraftsByTheEndOfTheirPath) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 8, 6);
  train(quick_options(world));
  predict(predict_options(world));
  const Json by_key = judged("", folder_ / "drafts", world.truth);
  auto moved = world.pictures;
  for (auto& picture : moved) picture.name = "new/" + picture.name;
  write_text(folder_ / "world" / "all.json", coco_of(moved).dump());
  const Json by_end = judged("", folder_ / "drafts", folder_ / "world" / "all.json");
  EXPECT_EQ(by_end["validation"]["map"], by_key["validation"]["map"]);
  EXPECT_TRUE(by_end["data"]["left_out"].empty());

  for (auto& picture : moved) picture.name = "x" + picture.name.substr(4);
  write_text(folder_ / "other.json", coco_of(moved).dump());
  EXPECT_THAT(refusal([&] { judged("", folder_ / "drafts", folder_ / "other.json"); }),
              AllOf(HasSubstr("4: "), HasSubstr("only 0 of 6 labelled images")));
}

TEST_F(DetectionSession, EvaluateNamesAClassThatTheModelDoesNotKnow) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 8, 4);
  train(quick_options(world));
  Json coco = coco_of(world.pictures);
  coco["categories"][1]["name"] = "rad";
  write_text(world.truth, coco.dump());
  EXPECT_THAT(refusal([&] { judged(folder_ / "run", "", world.truth); }),
              AllOf(HasSubstr("4: "), HasSubstr("did you mean 'red'?")));
}

TEST_F(DetectionSession, ADamagedRunDraftsNothing) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 6, 3);
  train(quick_options(world));
  auto bytes = read_text(folder_ / "run" / "head.pt");
  bytes[bytes.size() / 2] ^= 1;
  write_text(folder_ / "run" / "head.pt", bytes);
  EXPECT_THAT(refusal([&] { predict(predict_options(world)); }),
              AllOf(HasSubstr("5: "), HasSubstr("head.pt")));
  EXPECT_FALSE(fs::exists(folder_ / "drafts"));
  EXPECT_THAT(refusal([&] { judged(folder_ / "run", "", world.truth); }), HasSubstr("5: "));
}

TEST_F(DetectionSession, AFolderWithoutDraftsIsNamed) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 6, 3);
  train(quick_options(world));
  EXPECT_THAT(refusal([&] { judged("", folder_ / "run", world.truth); }),
              AllOf(HasSubstr("4: "), HasSubstr("holds no drafts")));
}

}  // namespace
}  // namespace preannotate
