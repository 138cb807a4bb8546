#include "preannotate/model/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
#include "preannotate/core/hash.h"
#include "preannotate/core/random.h"
#include "support/test_folder.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing_support::read_text;
using testing_support::test_folder;
using testing_support::write_text;
using testing_support::write_tiny_backbone;

class RunFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = test_folder() / "run";
    fs::create_directories(folder_);
    write_tiny_backbone(folder_.parent_path() / "tiny.pt");
    BackboneOptions options;
    options.path = folder_.parent_path() / "tiny.pt";
    options.trust = true;
    const Backbone backbone(options);
    head_.mean = torch::rand({48});
    head_.scale = torch::rand({48});
    head_.weight = torch::rand({2, 48});
    head_.bias = torch::rand({2});
    manifest_.lambda = 0.25;
    manifest_.task = "classify";
    manifest_.classes = {"cat", "dog \"quoted\""};
    manifest_.backbone = backbone.info();
    manifest_.side = 32;
    manifest_.maps = true;
    manifest_.temperature = 1.25;
    write_text(folder_ / "metrics.json", "{}");
    saved_ = save_run(folder_, manifest_, weights_of(head_), backbone.bytes(), {"metrics.json"});
  }

  std::string refusal() {
    try {
      load_run(folder_);
      return "loaded";
    } catch (const UserError& error) {
      return std::to_string(error.exit_code()) + ": " + error.what();
    }
  }

  fs::path folder_;
  LinearHead head_;
  RunManifest manifest_, saved_;
};

TEST_F(RunFolderTest, LoadsWhatWasSaved) {
  const auto run = load_run(folder_);
  EXPECT_EQ(run.manifest.model_version, saved_.model_version);
  EXPECT_EQ(run.manifest.model_version.size(), 12u);
  EXPECT_EQ(run.manifest.classes, manifest_.classes);
  EXPECT_EQ(run.manifest.temperature, 1.25);
  EXPECT_TRUE(run.manifest.maps);
  EXPECT_EQ(run.manifest.link, Link::kSoftmax);
  EXPECT_TRUE(torch::equal(run.head.weight, head_.weight));
  EXPECT_TRUE(torch::equal(run.head.bias, head_.bias));
  EXPECT_EQ(run.head.lambda, 0.25);
  EXPECT_EQ(load_backbone(run, c10::kCPU).layout().total(), 48);
}

TEST_F(RunFolderTest, AutoPrecisionIsTheFastestThatTheRunAllowsAndTheProcessorHas) {
  const bool bf16 = usable_precisions().size() > 1;
  EXPECT_EQ(precision_for(load_run(folder_), "auto", c10::kCPU), Precision::kFp32);

  manifest_.precisions = {Precision::kFp32, Precision::kBf16};
  save_run(folder_, manifest_, weights_of(head_), read_file(folder_ / "backbone.pt"), {});
  const auto run = load_run(folder_);
  EXPECT_EQ(run.manifest.precisions, manifest_.precisions);
  const auto fastest = bf16 ? Precision::kBf16 : Precision::kFp32;
  EXPECT_EQ(precision_for(run, "auto", c10::kCPU), fastest);
  EXPECT_EQ(load_backbone(run, c10::kCPU, fastest).precision(), fastest);
  EXPECT_EQ(precision_for(run, "fp32", c10::kCPU), Precision::kFp32);
  EXPECT_EQ(precision_for(run, "auto", c10::kCUDA), Precision::kBf16);
  EXPECT_EQ(precision_for(run, "bf16", c10::kCUDA), Precision::kBf16);
  EXPECT_THROW(precision_for(run, "int8", c10::kCUDA), UserError);
}

TEST_F(RunFolderTest, ARunOfAnEarlierVersionAllowsFp32) {
  auto json = parse_json(read_text(folder_ / "run.json"), "run.json");
  json.erase("precisions");
  json.erase("sha256");
  json["sha256"] = sha256(json_text(json));
  write_text(folder_ / "run.json", json_text(json, 1));
  EXPECT_EQ(load_run(folder_).manifest.precisions, std::vector<Precision>{Precision::kFp32});
}

TEST_F(RunFolderTest, KeepsTheScoresThatATargetPrecisionChose) {
  EXPECT_FALSE(load_run(folder_).manifest.accept);
  EXPECT_FALSE(
      parse_json(read_text(folder_ / "run.json"), "run.json")["thresholds"].contains("per_class"));
  manifest_.accept = AcceptScores{0.8125, std::nullopt};
  manifest_.promise = {{"target_precision", 0.95},
                       {"precision", {{"value", 0.97}, {"low", 0.93}, {"high", 0.99}}},
                       {"coverage", 0.5}};
  save_run(folder_, manifest_, weights_of(head_), read_file(folder_ / "backbone.pt"), {});
  const auto loaded = load_run(folder_).manifest;
  EXPECT_EQ(loaded.accept, manifest_.accept);
  EXPECT_EQ(loaded.promise, manifest_.promise);
  const auto json = parse_json(read_text(folder_ / "run.json"), "run.json")["thresholds"];
  EXPECT_EQ(json["per_class"]["cat"], 0.8125);
  EXPECT_EQ(json["target_precision"], 0.95);
  EXPECT_EQ(json["conf"], 0.9);
}

TEST_F(RunFolderTest, ItsBackboneNeedsNoOtherTrust) {
  EXPECT_NO_THROW(load_backbone(load_run(folder_), c10::kCPU));
}

// Row 102.
TEST_F(RunFolderTest, AnyFlippedBitOfAnyPinnedFileIsRefused) {
  constexpr int kTrials = 4096;
  Random random(1);
  const std::vector<std::string> names = {"backbone.pt", "head.pt", "metrics.json"};
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string whole = read_text(folder_ / names[i]);
    for (size_t trial = i; trial < kTrials; trial += names.size()) {
      std::string damaged = whole;
      damaged[random.below(whole.size())] ^= static_cast<char>(1 << random.below(8));
      write_text(folder_ / names[i], damaged);
      ASSERT_THAT(refusal(),
                  testing::AllOf(HasSubstr("5: "), HasSubstr(names[i]), HasSubstr("damaged")));
    }
    write_text(folder_ / names[i], whole);
  }
  EXPECT_EQ(refusal(), "loaded");
}

TEST_F(RunFolderTest, APinnedFileCutAnywhereIsRefused) {
  constexpr size_t kPoints = 200;
  for (const char* name : {"backbone.pt", "head.pt"}) {
    const std::string whole = read_text(folder_ / name);
    for (size_t point = 0; point < kPoints; ++point) {
      write_text(folder_ / name, whole.substr(0, point * whole.size() / kPoints));
      ASSERT_THAT(refusal(), testing::AllOf(HasSubstr("5: "), HasSubstr(name)));
    }
    write_text(folder_ / name, whole);
  }
}

TEST_F(RunFolderTest, AChangedManifestIsRefused) {
  const std::string whole = read_text(folder_ / "run.json");
  Random random(2);
  int refused = 0, harmless = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::string damaged = whole;
    damaged[random.below(whole.size())] ^= static_cast<char>(1 << random.below(8));
    write_text(folder_ / "run.json", damaged);
    // Only white space between tokens may change: the content is then the same.
    if (refusal() != "loaded") {
      ++refused;
      continue;
    }
    ++harmless;
    EXPECT_EQ(load_run(folder_).manifest.model_version, saved_.model_version);
  }
  EXPECT_GT(refused, 100);
  EXPECT_LT(harmless, 40);
}

TEST_F(RunFolderTest, ACutManifestIsRefusedAtEveryLength) {
  const std::string whole = read_text(folder_ / "run.json");
  for (size_t length = 0; length + 1 < whole.size(); ++length) {
    write_text(folder_ / "run.json", whole.substr(0, length));
    EXPECT_THAT(refusal(), HasSubstr("5: ")) << length;
  }
}

TEST_F(RunFolderTest, MissingFilesAreNamed) {
  fs::remove(folder_ / "head.pt");
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("head.pt"), HasSubstr("missing")));
  fs::remove(folder_ / "run.json");
  EXPECT_THAT(refusal(), HasSubstr("is no run"));
  fs::remove_all(folder_);
  EXPECT_THAT(refusal(), HasSubstr("does not exist"));
}

// Row 101.
TEST_F(RunFolderTest, ANewerFormatNamesTheVersion) {
  std::string text = read_text(folder_ / "run.json");
  text.replace(text.find("\"format_version\": 1"), 19, "\"format_version\": 2");
  write_text(folder_ / "run.json", text);
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("version 2"), HasSubstr("newer")));
}

TEST_F(RunFolderTest, AFileOutsideTheRunIsNeverRead) {
  std::string text = read_text(folder_ / "run.json");
  text.replace(text.find("\"metrics.json\""), 14, "\"../secret.json\"");
  write_text(folder_ / "run.json", text);
  EXPECT_THAT(refusal(), HasSubstr("no file of a run"));
}

TEST_F(RunFolderTest, AHeadForOtherClassesIsRefused) {
  head_.weight = torch::rand({3, 48});
  head_.bias = torch::rand({3});
  save_run(folder_, manifest_, weights_of(head_), read_file(folder_ / "backbone.pt"), {});
  EXPECT_THAT(refusal(), HasSubstr("another shape"));
}

TEST_F(RunFolderTest, AHeadWithoutATensorItNeedsIsRefused) {
  auto weights = weights_of(head_);
  weights.pop_back();
  save_run(folder_, manifest_, weights, read_file(folder_ / "backbone.pt"), {});
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("5: "), HasSubstr("'bias'")));
}

class DetectorRunTest : public RunFolderTest {
 protected:
  void SetUp() override {
    RunFolderTest::SetUp();
    torch::manual_seed(3);
    DetectorSettings settings;
    settings.view = {.frame = {96, 64}, .tile_scale = 0.5, .tile_overlap = 0.25};
    settings.shape = {
        .strides = {8, 16, 32}, .map_channels = {8, 12, 16}, .channels = 16, .classes = 2};
    settings.score_maps = {{.method = "platt", .slope = 1.5, .offset = -0.25, .steps = {}},
                           {.method = "isotonic", .steps = {{0.1, 0.05}, {0.8, 0.9}}}};
    settings.conf = {0.4, 0.6};
    settings.max_det = 77;
    detector_.emplace(settings.shape, 30, 20, 7);
    detector_->forward(maps(), true);  // statistics that are not those of the start
    manifest_.task = "detect";
    manifest_.detector = settings;
    save();
  }

  static std::vector<torch::Tensor> maps() {
    return {torch::randn({2, 8, 12, 8}), torch::randn({2, 4, 6, 12}), torch::randn({2, 2, 3, 16})};
  }

  void save() {
    saved_ = save_run(folder_, manifest_, detector_->weights(), read_file(folder_ / "backbone.pt"),
                      {"metrics.json"});
  }

  /// run.json with `change` made and its own hash set right again.
  void change_manifest(const std::function<void(Json&)>& change) {
    const auto path = folder_ / "run.json";
    Json json = read_json(path);
    json.erase("sha256");
    change(json);
    json["sha256"] = sha256(json_text(json));
    write_text(path, json_text(json, 1));
  }

  std::optional<Detector> detector_;
};

TEST_F(DetectorRunTest, LoadsWhatWasSaved) {
  const auto run = load_run(folder_);
  EXPECT_EQ(run.manifest.model_version, saved_.model_version);
  EXPECT_EQ(run.manifest.task, "detect");
  EXPECT_EQ(run.manifest.classes, manifest_.classes);
  ASSERT_TRUE(run.manifest.detector.has_value());
  EXPECT_EQ(run.manifest.detector->shape, manifest_.detector->shape);
  EXPECT_EQ(run.manifest.detector->view.frame, manifest_.detector->view.frame);
  EXPECT_EQ(run.manifest.detector->conf, manifest_.detector->conf);
  EXPECT_EQ(run.manifest.detector->score_maps[1].steps, manifest_.detector->score_maps[1].steps);
  EXPECT_EQ(run.manifest.detector->max_det, 77);
  ASSERT_TRUE(run.detector.has_value());
  const auto inputs = maps();
  const auto found = run.detector->forward(inputs, false);
  const auto expected = detector_->forward(inputs, false);
  EXPECT_TRUE(torch::equal(found.logits, expected.logits));
  EXPECT_TRUE(torch::equal(found.distances, expected.distances));
  EXPECT_EQ(load_backbone(run, c10::kCPU).map_levels().size(), 3u);
}

TEST_F(DetectorRunTest, TheSameRunIsSavedAsTheSameBytes) {
  const auto head = read_text(folder_ / "head.pt"), manifest = read_text(folder_ / "run.json");
  save();
  EXPECT_EQ(read_text(folder_ / "head.pt"), head);
  EXPECT_EQ(read_text(folder_ / "run.json"), manifest);
}

TEST_F(DetectorRunTest, AHeadOfAnotherShapeIsRefusedByTheNameOfItsTensor) {
  detector_.emplace(
      DetectorShape{
          .strides = {8, 16, 32}, .map_channels = {8, 12, 16}, .channels = 16, .classes = 3},
      30, 20, 7);
  save();
  EXPECT_THAT(refusal(),
              testing::AllOf(HasSubstr("5: "), HasSubstr("head.pt"), HasSubstr("'logits.weight'")));
}

TEST_F(DetectorRunTest, AClassifiersHeadIsRefused) {
  save_run(folder_, manifest_, weights_of(head_), read_file(folder_ / "backbone.pt"), {});
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("5: "), HasSubstr("head.pt")));
}

TEST_F(DetectorRunTest, AHeadThatHoldsNoWeightsIsRefused) {
  for (const std::string& bytes :
       {std::string(), std::string("not a head"), read_text(folder_ / "head.pt").substr(0, 500),
        read_text(folder_ / "backbone.pt")}) {
    write_text(folder_ / "head.pt", bytes);
    change_manifest([&](Json& json) { json["files"]["head.pt"] = sha256(bytes); });
    EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("5: "), HasSubstr("head.pt")));
  }
}

TEST_F(DetectorRunTest, ADamagedHeadIsRefused) {
  std::string bytes = read_text(folder_ / "head.pt");
  bytes[bytes.size() / 2] ^= 4;
  write_text(folder_ / "head.pt", bytes);
  EXPECT_THAT(refusal(),
              testing::AllOf(HasSubstr("5: "), HasSubstr("head.pt"), HasSubstr("damaged")));
}

TEST_F(DetectorRunTest, ListsThatDoNotFitTheClassesAreRefused) {
  change_manifest([](Json&) {});
  EXPECT_EQ(refusal(), "loaded");
  change_manifest([](Json& json) { json["thresholds"]["conf"] = {0.5, 0.5, 0.5}; });
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("5: "), HasSubstr("3 thresholds")));
  save();
  change_manifest([](Json& json) { json["calibration"]["maps"].erase(0); });
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("5: "), HasSubstr("1 calibration maps")));
  save();
  change_manifest([](Json& json) { json["head"]["strides"] = {8, 16}; });
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("5: "), HasSubstr("strides")));
  save();
  change_manifest([](Json& json) { json["classes"].push_back({{"id", 3}, {"name", "cow"}}); });
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("5: "), HasSubstr("3 classes")));
}

TEST_F(DetectorRunTest, ACutManifestIsRefusedAtEveryLength) {
  const std::string whole = read_text(folder_ / "run.json");
  for (size_t length = 0; length + 1 < whole.size(); length += 3) {
    write_text(folder_ / "run.json", whole.substr(0, length));
    EXPECT_THAT(refusal(), HasSubstr("5: ")) << length;
  }
}

}  // namespace
}  // namespace preannotate
