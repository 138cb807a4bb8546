#include "preannotate/pipeline/simulate.h"

#include "boxed_session.h"
#include "preannotate/core/files.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

class SimulateTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = test_folder();
    setenv("PREANNOTATE_CACHE", (folder_ / "cache").c_str(), 1);
  }

  SimulateOptions options(const fs::path& data, const fs::path& backbone) const {
    SimulateOptions options;
    options.data = data;
    options.backbone = backbone;
    options.trust_backbone = true;
    options.first = 6;
    options.repeats = 2;
    options.workers = 2;
    return options;
  }

  fs::path folder_;
};

TEST_F(SimulateTest, ReplaysTheLoopAndWritesAFileAndAPage) {
  const World world = make_world(folder_ / "world", 16, 1);
  auto kept = options(world.seed, world.backbone);
  kept.output = folder_ / "simulated";
  const auto result = simulate(kept);
  EXPECT_EQ(result.exit_code, kDone);
  const Json& loop = result.simulation.at("loop");
  EXPECT_EQ(loop.at("residual_error").at("value"), 0);
  EXPECT_LT(loop.at("seconds_per_image").at("value").get<double>(),
            result.simulation.at("manual").at("seconds_per_image").get<double>());
  EXPECT_EQ(result.simulation.at("data").at("images"), 48);
  EXPECT_GE(result.simulation.at("curve").size(), 1u);
  EXPECT_EQ(read_json(kept.output / "simulation.json"), result.simulation);
  EXPECT_THAT(read_text(kept.output / "report.html"),
              AllOf(HasSubstr("The loop would save"), HasSubstr("simulation.json")));
  EXPECT_THAT(refusal([&] { simulate(kept); }), HasSubstr("8: "));
}

TEST_F(SimulateTest, SeedAndPoolAreOneSet) {
  const World world = make_world(folder_ / "world", 8, 1), other = make_world(folder_ / "b", 4, 1);
  auto both = options(world.seed, world.backbone);
  both.pool = other.seed;
  both.repeats = 1;
  const auto result = simulate(both);
  EXPECT_EQ(result.simulation.at("data").at("images"), 36);
  EXPECT_EQ(result.simulation.at("data").at("per_class").at("red"), 12);
}

TEST_F(SimulateTest, TheCostFileCounts) {
  const World world = make_world(folder_ / "world", 8, 1);
  write_text(folder_ / "cost.json", R"({"seconds": {"class_choose": 100, "class_grid": 50}})");
  auto dear = options(world.seed, world.backbone);
  dear.repeats = 1;
  dear.cost = (folder_ / "cost.json").string();
  const auto result = simulate(dear);
  EXPECT_GT(result.simulation.at("manual").at("seconds_per_image").get<double>(), 100);
  EXPECT_GT(result.simulation.at("loop").at("seconds_per_image").at("value").get<double>(), 50);
}

TEST_F(SimulateTest, BoxesAreReplayedWithADetector) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 14, 1);
  auto boxes = options(world.seed, world.backbone);
  boxes.rounds = 2;
  boxes.repeats = 1;
  boxes.steps = 60;
  const auto result = simulate(boxes);
  EXPECT_EQ(result.simulation.at("task"), "detect");
  const Json& curve = result.simulation.at("curve");
  ASSERT_EQ(curve.size(), 2u);
  EXPECT_EQ(curve[0].at("labelled"), 6);
  EXPECT_EQ(curve[1].at("labelled").get<long>() + curve[1].at("images").get<long>(), 14);
  const Json& loop = result.simulation.at("loop");
  const auto value = [&](const char* key) { return loop.at(key).at("value").get<double>(); };
  EXPECT_NEAR(value("saved_share"),
              1 - value("seconds_per_image") / value("manual_seconds_per_image"), 1e-9);
  boxes.reviewer = "noisy";
  EXPECT_THAT(refusal([&] { simulate(boxes); }), AllOf(HasSubstr("2: "), HasSubstr("oracle")));
}

TEST_F(SimulateTest, WhatCannotBeReplayedIsRefused) {
  const World world = make_multilabel_world(folder_ / "world", 20);
  EXPECT_THAT(refusal([&] { simulate(options(world.seed, world.backbone)); }),
              AllOf(HasSubstr("2: "), HasSubstr("several classes an image")));
  auto unknown = options(world.seed, world.backbone);
  unknown.reviewer = "lazy";
  EXPECT_THAT(refusal([&] { simulate(unknown); }), HasSubstr("2: --reviewer lazy"));
}

TEST_F(SimulateTest, ABadImageIsNamedAndTheOthersReplayed) {
  const World world = make_world(folder_ / "world", 6, 1);
  write_text(world.seed / "red" / "zz.jpg", "no image");
  auto bad = options(world.seed, world.backbone);
  bad.repeats = 1;
  const auto result = simulate(bad);
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  EXPECT_EQ(result.simulation.at("data").at("images"), 18);
  EXPECT_EQ(result.simulation.at("data").at("left_out").size(), 1u);
}

}  // namespace
}  // namespace preannotate
