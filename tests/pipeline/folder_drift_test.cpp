#include "pipeline/folder_drift.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "preannotate/core/hash.h"

namespace preannotate {
namespace {

/// A run of two classes with 30 images of each, whose features lie around 0 and around 8.
RunManifest run_with_reference(Precision precision = Precision::kFp32) {
  torch::manual_seed(1);
  ReferenceImages images;
  images.features = torch::randn({60, 4});
  images.features.slice(0, 30).add_(8);
  images.blocks = {4};
  for (int i = 0; i < 60; ++i) {
    images.classes.push_back(i / 30);
    images.sha256.push_back(sha256(std::to_string(i)));
  }
  images.precision = precision;
  RunManifest run;
  run.classes = {"cat", "dog"};
  run.data = {{"per_class", {{"cat", 30u}, {"dog", 30u}}}};
  run.reference = seed_reference(images, 0);
  return run;
}

LedgerEntry entry_of(int image, int category) {
  LedgerEntry entry;
  entry.sample.image = std::to_string(image) + ".jpg";
  entry.sha256 = sha256("folder " + std::to_string(image));
  entry.sample.labels = {{category, 0.9, std::nullopt, ""}};
  entry.scores = category == 0 ? std::vector<double>{0.9, 0.1} : std::vector<double>{0.1, 0.9};
  return entry;
}

/// The verdict on `count` images of one class around `place`.
Json verdict_on(FolderDrift& drift, int count, int category, float place) {
  for (int i = 0; i < count; ++i) {
    auto entry = entry_of(i, category);
    const auto features = (torch::randn({4}) + place).contiguous();
    drift.place(entry, {features.const_data_ptr<float>(), 4});
    drift.add(entry);
  }
  return drift.report();
}

TEST(FolderDrift, AnImageIsHeldAgainstTheClassThatItIsGiven) {
  const RunManifest run = run_with_reference();
  FolderDrift like(run, Precision::kFp32), unlike(run, Precision::kFp32);
  EXPECT_EQ(verdict_on(like, 40, 1, 8).at("verdict"), "like");
  EXPECT_EQ(verdict_on(unlike, 40, 0, 8).at("verdict"), "unlike");
}

TEST(FolderDrift, TheClassMixIsSaidAndNoEvidence) {
  const RunManifest run = run_with_reference();
  FolderDrift drift(run, Precision::kFp32);
  const Json report = verdict_on(drift, 40, 1, 8);
  EXPECT_EQ(report.at("verdict"), "like");
  EXPECT_EQ(report.at("class_mix").at("missing"), Json::array({"cat"}));
  EXPECT_EQ(report.at("class_mix").at("dominant"), "dog");
  EXPECT_EQ(report.at("class_mix").at("total_variation"), 0.5);
}

TEST(FolderDrift, EntriesReadBackGiveTheSameReport) {
  const RunManifest run = run_with_reference();
  FolderDrift first(run, Precision::kFp32), second(run, Precision::kFp32);
  for (int i = 0; i < 50; ++i) {
    auto entry = entry_of(i, i % 2);
    entry.status = "done";
    entry.sample.bucket = "accept";
    const auto features = (torch::randn({4}) + 8 * (i % 2)).contiguous();
    first.place(entry, {features.const_data_ptr<float>(), 4});
    first.add(entry);
    second.add(parse_ledger_line(ledger_line(entry, run.classes), run.classes, "line"));
  }
  EXPECT_EQ(first.report(), second.report());
  EXPECT_EQ(first.strangest().size(), FolderDrift::kShown);
  EXPECT_EQ(first.strangest().back().image, second.strangest().back().image);
}

TEST(FolderDrift, Int8IsComparedWithInt8Alone) {
  const RunManifest in_int8 = run_with_reference(Precision::kInt8);
  const RunManifest in_fp32 = run_with_reference(Precision::kFp32);
  EXPECT_EQ(FolderDrift(in_int8, Precision::kFp32).report().at("verdict"), "other_precision");
  EXPECT_EQ(FolderDrift(in_fp32, Precision::kInt8).report().at("verdict"), "other_precision");
  EXPECT_EQ(FolderDrift(in_int8, Precision::kInt8).report().at("verdict"), "too_few_images");
  EXPECT_EQ(FolderDrift(in_fp32, Precision::kBf16).report().at("verdict"), "too_few_images");
}

}  // namespace
}  // namespace preannotate
