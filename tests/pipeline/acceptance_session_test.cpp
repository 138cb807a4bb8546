// What is accepted, from training to drafts.

#include "preannotate/model/run_folder.h"
#include "session.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

using AcceptanceSession = SessionTest;

TEST_F(AcceptanceSession, ATargetPrecisionDecidesWhatPredictAccepts) {
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

TEST_F(AcceptanceSession, AFileOfThresholdsDecidesWhatIsAccepted) {
  const World world = make_world(folder_ / "world", 8, 12);
  train(train_options(world));
  auto draft = predict_options(world);
  draft.thresholds = folder_ / "scores.json";
  write_text(draft.thresholds, R"({"red": 0, "green": null, "blue": 0})");
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
  write_text(draft.thresholds, R"({"red": 0.5, "green": 0.5})");
  EXPECT_THAT(refusal([&] { predict(draft); }), HasSubstr("no score for class 'blue'"));
  draft.conf = 0.5;
  EXPECT_THAT(refusal([&] { predict(draft); }), HasSubstr("2: --conf and --thresholds"));
}

TEST_F(AcceptanceSession, ATargetPrecisionOfSeveralLabelsJudgesWholeImages) {
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

TEST_F(AcceptanceSession, ATargetPrecisionThatCannotBeJudgedIsRefused) {
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

}  // namespace
}  // namespace preannotate
