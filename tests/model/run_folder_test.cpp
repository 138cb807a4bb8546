#include "preannotate/model/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "preannotate/core/error.h"
#include "preannotate/core/files.h"
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
    head_.lambda = 0.25;
    manifest_.task = "classify";
    manifest_.classes = {"cat", "dog \"quoted\""};
    manifest_.backbone = backbone.info();
    manifest_.side = 32;
    manifest_.maps = true;
    manifest_.temperature = 1.25;
    write_text(folder_ / "metrics.json", "{}");
    saved_ = save_run(folder_, manifest_, head_, backbone.bytes(), {"metrics.json"});
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

TEST_F(RunFolderTest, ItsBackboneNeedsNoOtherTrust) {
  EXPECT_NO_THROW(load_backbone(load_run(folder_), c10::kCPU));
}

TEST_F(RunFolderTest, AnyFlippedBitOfAnyPinnedFileIsRefused) {
  Random random(1);
  for (const char* name : {"backbone.pt", "head.pt", "metrics.json"}) {
    const std::string whole = read_text(folder_ / name);
    for (int trial = 0; trial < 40; ++trial) {
      std::string damaged = whole;
      damaged[random.below(whole.size())] ^= static_cast<char>(1 << random.below(8));
      write_text(folder_ / name, damaged);
      EXPECT_THAT(refusal(),
                  testing::AllOf(HasSubstr("5: "), HasSubstr(name), HasSubstr("damaged")));
    }
    write_text(folder_ / name, whole);
  }
  EXPECT_EQ(refusal(), "loaded");
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
  save_run(folder_, manifest_, head_, read_file(folder_ / "backbone.pt"), {});
  EXPECT_THAT(refusal(), HasSubstr("another shape"));
}

}  // namespace
}  // namespace preannotate
