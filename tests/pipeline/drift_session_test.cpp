// Whether a folder is like the seed, from training to drafts.

#include "preannotate/core/hash.h"
#include "preannotate/model/run_folder.h"
#include "session.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

using DriftSession = SessionTest;

TEST_F(DriftSession, AFolderLikeTheSeedIsSaidToBe) {
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

TEST_F(DriftSession, AFolderUnlikeTheSeedIsWarnedOf) {
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

TEST_F(DriftSession, ImagesOfTheSeedItselfAreNoEvidence) {
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

TEST_F(DriftSession, MirroredViewsDoNotChangeHowStrangeAnImageIs) {
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

TEST_F(DriftSession, ARunThatKeepsNoReferenceGivesNoVerdict) {
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

}  // namespace
}  // namespace preannotate
