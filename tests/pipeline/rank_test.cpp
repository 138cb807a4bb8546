#include "preannotate/pipeline/rank.h"

#include <set>

#include "boxed_session.h"
#include "preannotate/core/files.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

/// Sees no colour, which is all that the classes of the worlds differ in.
void write_colour_blind(const fs::path& path) {
  TinyBackbone blind;
  blind.forward =
      "def forward(self, x):\n"
      "  x = x.mean([1], True).expand(-1, 3, -1, -1)\n"
      "  a = self.stem.forward(x)\n"
      "  b = self.body.forward(a)\n"
      "  c = self.head.forward(b)\n"
      "  return (torch.cat([a.mean([2, 3]), b.mean([2, 3])], 1), a, b, c)\n";
  write_tiny_backbone(path, blind);
}

class RankTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = test_folder();
    setenv("PREANNOTATE_CACHE", (folder_ / "cache").c_str(), 1);
    write_colour_blind(folder_ / "blind.pt");
  }

  RankOptions options(const fs::path& data, const fs::path& backbone) const {
    RankOptions options;
    options.data = data;
    options.backbones = {(folder_ / "blind.pt").string(), backbone.string()};
    options.trust_backbone = true;
    options.workers = 2;
    return options;
  }

  fs::path folder_;
};

const Json& first(const RankResult& result) {
  return result.ranking.at("backbones").at(0);
}

double log_loss(const Json& backbone) {
  return backbone.at("log_loss").get<double>();
}

TEST_F(RankTest, PutsTheBackboneThatTellsTheClassesFirst) {
  const World world = make_world(folder_ / "world", 12, 1);
  const auto result = rank(options(world.seed, world.backbone));
  EXPECT_EQ(result.exit_code, kDone);
  const Json& backbones = result.ranking.at("backbones");
  ASSERT_EQ(backbones.size(), 2u);
  EXPECT_EQ(backbones[0].at("name"), "tiny");
  EXPECT_EQ(backbones[1].at("name"), "blind");
  EXPECT_GT(backbones[0].at("accuracy").at("value").get<double>(), 0.9);
  EXPECT_LT(backbones[1].at("accuracy").at("value").get<double>(), 0.7);
  EXPECT_GT(backbones[0].at("log_me").get<double>(), backbones[1].at("log_me").get<double>());
  const Json& against = backbones[1].at("against_best");
  EXPECT_TRUE(against.at("beyond_noise").get<bool>());
  EXPECT_NEAR(against.at("log_loss").at("value").get<double>(),
              log_loss(backbones[1]) - log_loss(backbones[0]), 1e-9);
  EXPECT_FALSE(backbones[0].at("against_best").at("beyond_noise").get<bool>());
  EXPECT_EQ(result.ranking.at("recommendation").at("name"), "tiny");
  EXPECT_EQ(result.ranking.at("method"), "5-fold out-of-fold");
}

TEST_F(RankTest, SaysOfABackboneWhatItCosts) {
  const World world = make_world(folder_ / "world", 6, 1);
  const Json backbone = first(rank(options(world.seed, world.backbone)));
  EXPECT_EQ(backbone.at("bytes"), fs::file_size(world.backbone));
  // Three convolutions, each with a gain and a shift of its channels.
  EXPECT_EQ(backbone.at("parameters"),
            3 * 8 * 64 + 2 * 8 + 8 * 12 * 4 + 2 * 12 + 12 * 16 * 4 + 2 * 16);
  EXPECT_EQ(backbone.at("input_side"), 32);
  EXPECT_EQ(backbone.at("dimension"), backbone.at("features") == "embedding" ? 20 : 48);
  EXPECT_GT(backbone.at("images_per_s").get<double>(), 0);
}

TEST_F(RankTest, TheFiguresAreThoseOfTrain) {
  const World world = make_world(folder_ / "world", 8, 1);
  const Json ranked = first(rank(options(world.seed, world.backbone)));
  TrainOptions training;
  training.data = world.seed;
  training.output = folder_ / "run";
  training.backbone = world.backbone;
  training.trust_backbone = true;
  training.imgsz = 32;
  const Json validation = train(training).metrics.at("validation");
  EXPECT_EQ(ranked.at("log_loss"), validation.at("log_loss"));
  EXPECT_EQ(ranked.at("accuracy"), validation.at("accuracy"));
}

TEST_F(RankTest, ABackboneThatFailsCostsTheOthersNothing) {
  const World world = make_world(folder_ / "world", 6, 1);
  const auto alone = rank(options(world.seed, world.backbone));
  auto with_bad = options(world.seed, world.backbone);
  write_text(folder_ / "text.pt", "no TorchScript");
  with_bad.backbones.insert(with_bad.backbones.begin(),
                            {(folder_ / "nowhere.pt").string(), (folder_ / "text.pt").string()});
  const auto result = rank(with_bad);
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  const Json& failed = result.ranking.at("failed");
  ASSERT_EQ(failed.size(), 2u);
  EXPECT_THAT(failed[0].at("reason").get<std::string>(), HasSubstr("does not exist"));
  EXPECT_THAT(failed[1].at("reason").get<std::string>(), HasSubstr("is no TorchScript file"));
  ASSERT_EQ(result.ranking.at("backbones").size(), 2u);
  EXPECT_EQ(log_loss(first(result)), log_loss(first(alone)));
  with_bad.allow_skipped = true;
  EXPECT_EQ(rank(with_bad).exit_code, kDone);

  with_bad.backbones.resize(2);
  EXPECT_THAT(refusal([&] { rank(with_bad); }),
              AllOf(HasSubstr("5: none of the 2 backbones can be used"), HasSubstr("nowhere.pt")));
}

TEST_F(RankTest, AnUntrustedFileIsNamedAndNotRun) {
  const World world = make_world(folder_ / "world", 4, 1);
  auto untrusted = options(world.seed, world.backbone);
  untrusted.trust_backbone = false;
  EXPECT_THAT(refusal([&] { rank(untrusted); }),
              AllOf(HasSubstr("5: "), HasSubstr("--trust-backbone")));
}

TEST_F(RankTest, ABadImageIsNamedOnceAndChangesNothingElse) {
  const World world = make_world(folder_ / "world", 6, 1);
  const auto before = rank(options(world.seed, world.backbone));
  write_text(world.seed / "red" / "zz.jpg", "no image");
  const auto after = rank(options(world.seed, world.backbone));
  EXPECT_EQ(after.exit_code, kSomeSkipped);
  EXPECT_EQ(after.ranking.at("data").at("left_out").size(), 1u);
  EXPECT_EQ(after.ranking.at("data").at("items"), 18);
  EXPECT_EQ(log_loss(first(after)), log_loss(first(before)));
}

TEST_F(RankTest, SeveralLabelsAnImageAreRankedToo) {
  const World world = make_multilabel_world(folder_ / "world", 40);
  const auto result = rank(options(world.seed, world.backbone));
  EXPECT_EQ(result.ranking.at("task"), "multilabel");
  EXPECT_EQ(first(result).at("name"), "tiny");
  EXPECT_GT(first(result).at("map").get<double>(), 0.8);
  EXPECT_TRUE(first(result).contains("exact_match"));
}

TEST_F(RankTest, BoxesAreRankedOnCropsAndHeadsTrainedWhenAsked) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 16, 1);
  auto boxes = options(world.seed, world.backbone);
  boxes.train_heads = true;
  boxes.steps = 40;
  const auto result = rank(boxes);
  EXPECT_EQ(result.exit_code, kDone);
  EXPECT_EQ(result.ranking.at("task"), "detect");
  const Json& data = result.ranking.at("data");
  EXPECT_EQ(data.at("item"), "crop");
  long objects = 0;
  for (const auto& picture : world.labelled) objects += static_cast<long>(picture.objects.size());
  EXPECT_EQ(
      data.at("per_class").at("blue").get<long>() + data.at("per_class").at("red").get<long>(),
      objects);
  EXPECT_GT(data.at("per_class").at("background").get<long>(), 0);
  EXPECT_EQ(first(result).at("name"), "tiny");
  EXPECT_GT(first(result).at("accuracy").at("value").get<double>(), 0.9);
  EXPECT_GE(first(result).at("map50").get<double>(), 0);
}

TEST_F(RankTest, ABackboneWithoutMapsIsNoneForBoxes) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 12, 1);
  TinyBackbone pooled;
  pooled.tuple = false;
  write_tiny_backbone(folder_ / "pooled.pt", pooled);
  auto boxes = options(world.seed, world.backbone);
  boxes.backbones.push_back((folder_ / "pooled.pt").string());
  const auto result = rank(boxes);
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  ASSERT_EQ(result.ranking.at("failed").size(), 1u);
  EXPECT_THAT(result.ranking.at("failed")[0].at("file").get<std::string>(), HasSubstr("pooled.pt"));
}

TEST_F(RankTest, AFileGivenTwiceIsRankedOnceAndNamesThatAreAlikeAreTold) {
  const World world = make_world(folder_ / "world", 4, 1);
  fs::create_directories(folder_ / "other");
  fs::copy_file(folder_ / "blind.pt", folder_ / "other" / "tiny.pt");
  auto twice = options(world.seed, world.backbone);
  twice.backbones = {world.backbone.string(), (folder_ / "other" / "tiny.pt").string(),
                     world.backbone.string()};
  const auto result = rank(twice);
  std::set<std::string> names;
  for (const auto& backbone : result.ranking.at("backbones")) {
    names.insert(backbone.at("name").get<std::string>());
  }
  EXPECT_EQ(names, (std::set<std::string>{world.backbone.string(),
                                          (folder_ / "other" / "tiny.pt").string()}));
}

TEST_F(RankTest, WritesAFileAndAPageAndReplacesNothingUnasked) {
  const World world = make_world(folder_ / "world", 6, 1);
  auto kept = options(world.seed, world.backbone);
  kept.output = folder_ / "ranked";
  const auto result = rank(kept);
  EXPECT_EQ(read_json(kept.output / "rank.json"), result.ranking);
  const auto page = read_text(kept.output / "report.html");
  EXPECT_THAT(page, AllOf(HasSubstr("<h1>Use tiny</h1>"), HasSubstr("blind"),
                          HasSubstr("Log-loss of each backbone against its speed")));
  EXPECT_THAT(refusal([&] { rank(kept); }), HasSubstr("8: "));
  kept.force = true;
  EXPECT_EQ(rank(kept).exit_code, kDone);
}

TEST_F(RankTest, WhatCannotBeRankedIsRefused) {
  const World world = make_world(folder_ / "world", 1, 1);
  EXPECT_THAT(refusal([&] { rank(options(world.seed, world.backbone)); }),
              AllOf(HasSubstr("4: "), HasSubstr("no class has two images")));
  auto unknown = options(world.seed, world.backbone);
  unknown.backbones = {"efficientnet_lite9"};
  EXPECT_THAT(refusal([&] { rank(unknown); }),
              AllOf(HasSubstr("2: "), HasSubstr("'efficientnet_lite9' is no file")));
  auto heads = options(world.seed, world.backbone);
  heads.train_heads = true;
  EXPECT_THAT(refusal([&] { rank(heads); }), AllOf(HasSubstr("2: "), HasSubstr("--task detect")));
  auto folds = options(world.seed, world.backbone);
  folds.folds = 1;
  EXPECT_THAT(refusal([&] { rank(folds); }), HasSubstr("2: --folds 1"));
}

}  // namespace
}  // namespace preannotate
