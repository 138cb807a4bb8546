#include "preannotate/review/draft_set.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "draft_folder.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;

TEST(DraftSetTest, ConfidenceIsTheProbabilityThatNothingNeedsAnEdit) {
  LedgerEntry entry;
  entry.sample.labels = {{1, 0.8, std::nullopt, ""}};
  EXPECT_DOUBLE_EQ(confidence_of(entry, "classify"), 0.8);
  entry.scores = {0.9, 0.2, 0.5};
  EXPECT_DOUBLE_EQ(confidence_of(entry, "multilabel"), 0.9 * 0.8 * 0.5);
  entry.sample.labels = {{0, 0.9, Box{0, 0, 1, 1}, ""}, {1, 0.5, Box{0, 0, 1, 1}, ""}};
  entry.candidates = {{0, 0.25, Box{2, 2, 3, 3}, ""}};
  EXPECT_DOUBLE_EQ(confidence_of(entry, "detect"), 0.9 * 0.5 * 0.75);
  EXPECT_DOUBLE_EQ(confidence_of(LedgerEntry{}, "detect"), 1);
}

TEST(DraftSetTest, ThePoolIsWhatWasLookedAt) {
  auto world = drafted_world(3, 0, 1);
  LedgerEntry skipped;
  skipped.sample.image = "img/broken.jpg";
  skipped.status = "skipped";
  skipped.reason = "truncated";
  world.entries.insert(world.entries.begin() + 1, skipped);
  const fs::path folder = test_folder();
  write_draft_folder(folder, "classify", world.categories, world.entries);
  const auto drafts = read_draft_set(folder);
  EXPECT_EQ(drafts.entries.size(), 4u);
  ASSERT_EQ(drafts.pool.size(), 3u);
  EXPECT_EQ(drafts.drafted(1).sample.image, "img/0001.jpg");
  EXPECT_EQ(drafts.at.at("img/0002.jpg"), 2u);
  EXPECT_EQ(source_of(drafts, "img/0002.jpg"), fs::path("pictures/img/0002.jpg"));
}

TEST(DraftSetTest, OfSeveralSourcesAnImageIsWhereItsFileIs) {
  const fs::path folder = test_folder();
  write_text(folder / "one/a.jpg", "");
  write_text(folder / "two/sub/b.jpg", "");
  write_text(folder / "c.jpg", "");
  DraftSet drafts;
  for (const char* source : {"one", "two", "c.jpg"})
    drafts.sources.push_back((folder / source).string());
  EXPECT_EQ(source_of(drafts, "a.jpg"), folder / "one/a.jpg");
  EXPECT_EQ(source_of(drafts, "sub/b.jpg"), folder / "two/sub/b.jpg");
  EXPECT_EQ(source_of(drafts, "c.jpg"), folder / "c.jpg");
  EXPECT_EQ(source_of(drafts, "gone.jpg"), fs::path());
  // With names in common they are paths as given, below no folder.
  const auto given = (folder / "two/sub/b.jpg").relative_path().string();
  EXPECT_EQ(source_of(drafts, given), folder / "two/sub/b.jpg");
}

TEST(DraftSetTest, TheDigestFollowsWhatWasDraftedAndNotTheBuckets) {
  auto world = drafted_world(5, 0, 1);
  const fs::path folder = test_folder();
  write_draft_folder(folder, "classify", world.categories, world.entries);
  auto drafts = read_draft_set(folder);
  const auto before = digest_of(drafts);
  drafts.entries[2].sample.bucket = "answered";
  write_buckets(drafts);
  const auto after = read_draft_set(folder);
  EXPECT_EQ(after.drafted(2).sample.bucket, "answered");
  EXPECT_EQ(digest_of(after), before);
  EXPECT_EQ(read_json(folder / "summary.json")["buckets"]["answered"], 1);
  drafts.entries[2].sample.labels[0].category ^= 1;
  EXPECT_NE(digest_of(drafts), before);
}

TEST(DraftSetTest, AFolderWithoutDraftsIsNamed) {
  try {
    read_draft_set(test_folder());
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.exit_code(), kUsageError);
    EXPECT_NE(std::string(error.what()).find("has no drafts.jsonl"), std::string::npos);
  }
}

}  // namespace
}  // namespace preannotate
