#include "preannotate/review/certify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "draft_folder.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/review/draft_set.h"
#include "preannotate/review/select.h"
#include "preannotate/review/selection.h"
#include "support/test_folder.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace testing_support;

class CertifyTest : public testing::Test {
 protected:
  void use(DraftedWorld world) {
    world_ = std::move(world);
    write_draft_folder(drafts_, "classify", world_.categories, world_.entries);
    options_.drafts = drafts_;
    options_.answers = folder_ / "answers.csv";
  }
  /// A sample, and its answers but the last `unanswered`.
  void sample(size_t budget, std::uint64_t seed, size_t unanswered = 0) {
    SelectOptions select;
    select.drafts = drafts_;
    select.purpose = "certify";
    select.budget = budget;
    select.seed = seed;
    select_images(select);
    auto images = read_selection(drafts_, "certify", world_.categories).images;
    images.resize(images.size() - unanswered);
    write_text(options_.answers, answers_csv(world_, images));
  }
  /// Share of all labels that are wrong when people label all that was not accepted.
  double error_left() const {
    const auto drafts = read_draft_set(drafts_);
    size_t wrong = 0;
    for (size_t item = 0; item < drafts.pool.size(); ++item) {
      const auto& sample = drafts.drafted(item).sample;
      wrong += sample.bucket == "accept" && sample.labels[0].category != world_.truth[item];
    }
    return static_cast<double>(wrong) / static_cast<double>(drafts.pool.size());
  }
  std::string error_of(const CertifyOptions& options) {
    try {
      certify(options);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }
  fs::path folder_ = test_folder(), drafts_ = folder_ / "drafts";
  DraftedWorld world_;
  CertifyOptions options_;
};

TEST_F(CertifyTest, MovesDraftsIntoAcceptAndKeepsThePromise) {
  use(drafted_world(1000, 0.2, 3));
  sample(200, 5);
  options_.max_error = 0.05;
  const auto result = certify(options_);
  EXPECT_TRUE(result.given());
  EXPECT_EQ(result.accepted + result.to_review + result.sampled, 1000u);
  EXPECT_GT(result.accepted, 250u);
  EXPECT_LE(result.error_bound, 0.05);
  EXPECT_LE(error_left(), result.error_bound);
  const auto buckets = read_json(drafts_ / "summary.json")["buckets"];
  EXPECT_EQ(buckets["accept"], result.accepted);
  EXPECT_EQ(buckets["answered"], 200);
  const auto certificate = read_json(drafts_ / "certificate.json");
  EXPECT_EQ(certificate["accepted"], result.accepted);
  EXPECT_EQ(certificate["asked"]["max_error"], 0.05);
}

TEST_F(CertifyTest, BreaksThePromiseInAtMostOneOfTwentyDraws) {
  use(drafted_world(300, 0.3, 5));
  options_.max_error = 0.05;
  int broken = 0, given = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    fs::remove_all(drafts_ / "selections");
    fs::remove(drafts_ / "review.jsonl");
    sample(100, seed);
    given += certify(options_).given();
    broken += error_left() > 0.05;
  }
  EXPECT_GT(given, 20);
  EXPECT_LE(broken, 6) << "7 or more of Binomial(40, 0.05) have probability 0.003";
}

TEST_F(CertifyTest, TooFewAnswersAreToldHowManyAndAreNoTest) {
  use(drafted_world(1000, 0.2, 3));
  sample(200, 4, 160);
  options_.max_error = 0.05;
  const auto result = certify(options_);
  EXPECT_FALSE(result.given());
  EXPECT_EQ(result.sampled, 40u);
  EXPECT_EQ(result.more_answers, 16);  // 56 are needed of 1,000 for 5 %
  EXPECT_EQ(result.wrong, 0u) << "what the answers say is not told";
  EXPECT_THAT(read_selection(drafts_, "certify", world_.categories).used, IsEmpty());
  EXPECT_FALSE(fs::exists(drafts_ / "certificate.json"));
}

TEST_F(CertifyTest, OnlyAnswersBeforeTheFirstGapCount) {
  use(drafted_world(1000, 0.2, 3));
  sample(200, 4);
  auto images = read_selection(drafts_, "certify", world_.categories).images;
  images.erase(images.begin() + 150);
  write_text(options_.answers, answers_csv(world_, images));
  options_.max_error = 0.05;
  const auto result = certify(options_);
  EXPECT_EQ(result.sampled, 150u);
  EXPECT_THAT(result.warnings.at(0), HasSubstr("up to the 150th of 200 images"));
}

TEST_F(CertifyTest, ASampleServesOneTestUnlessMoreWerePlanned) {
  use(drafted_world(1000, 0.2, 3));
  sample(200, 4);
  options_.max_error = 0.05;
  const auto first = certify(options_);
  EXPECT_TRUE(certify(options_).repeated) << "the same question is no new test";
  options_.max_error = 0.1;
  EXPECT_THAT(error_of(options_), HasSubstr("has been used for the one test"));
  options_.looks = 2;
  EXPECT_THAT(error_of(options_), HasSubstr("first used with 1"));
  EXPECT_EQ(read_json(drafts_ / "certificate.json")["accepted"], first.accepted);
}

TEST_F(CertifyTest, LooksSplitTheProbability) {
  use(drafted_world(1000, 0.2, 3));
  sample(200, 4);
  options_.max_error = 0.05;
  options_.looks = 2;
  const auto first = certify(options_);
  EXPECT_EQ(first.look, 1);
  options_.max_error = 0.1;
  const auto second = certify(options_);
  EXPECT_EQ(second.look, 2);
  EXPECT_GT(second.accepted, first.accepted);
  options_.max_error = 0.2;
  EXPECT_THAT(error_of(options_), HasSubstr("it was planned for (--looks 2)"));

  fs::remove_all(drafts_ / "selections");
  fs::remove(drafts_ / "review.jsonl");
  sample(200, 4);
  options_.max_error = 0.05;
  options_.looks = 0;
  EXPECT_GE(certify(options_).accepted, first.accepted) << "one look has the whole of delta";
}

TEST_F(CertifyTest, DraftsMadeAnewAreRefused) {
  use(drafted_world(500, 0.2, 3));
  sample(100, 4);
  world_.entries[7].sample.labels[0].score = 0.99;
  write_draft_folder(drafts_, "classify", world_.categories, world_.entries);
  EXPECT_THAT(error_of(options_), HasSubstr("are no longer those that the selection 'certify'"));
}

TEST_F(CertifyTest, PerClassGivesEachItsOwnThresholdAndJoinsRareOnes) {
  auto world = drafted_world(1500, 0.2, 3);
  for (size_t i = 0; i < world.entries.size(); ++i) {  // cow is rare, ant never wrong
    auto& label = world.entries[i].sample.labels[0];
    if (label.category == 2 && i % 20 != 0) label.category = world.truth[i] = 0;
    if (label.category == 0) world.truth[i] = 0;
  }
  use(std::move(world));
  sample(400, 4);
  options_.max_error = 0.05;
  options_.per_class = true;
  const auto result = certify(options_);
  ASSERT_EQ(result.groups.size(), 3u);
  EXPECT_EQ(result.groups[0].classes, std::vector<std::string>{"ant"});
  EXPECT_EQ(result.groups[2].classes, std::vector<std::string>{"cow"});
  EXPECT_EQ(result.groups[0].certificate.accepted,
            result.groups[0].certificate.total - result.groups[0].certificate.sampled)
      << "all of them";
  EXPECT_FALSE(result.groups[2].certificate.given);
  EXPECT_GT(result.groups[0].certificate.accepted, 0);
  EXPECT_LT(result.groups[0].certificate.threshold, result.groups[1].certificate.threshold);
  EXPECT_LE(error_left(), 0.05);
}

TEST_F(CertifyTest, WrongNumbersAreUsageErrors) {
  use(drafted_world(100, 0.2, 3));
  options_.max_error = 1.5;
  EXPECT_THAT(error_of(options_), HasSubstr("expected a share above 0 and below 1"));
  options_.max_error = 0.05;
  EXPECT_THAT(error_of(options_), HasSubstr("nothing was selected under the name 'certify'"));
}

TEST_F(CertifyTest, BoxesAreJudgedAnImageAtAStatedOverlap) {
  std::vector<LedgerEntry> entries;
  for (int i = 0; i < 200; ++i) {
    LedgerEntry entry;
    entry.sample.image = std::to_string(1000 + i) + ".jpg";
    entry.sample.width = entry.sample.height = 100;
    entry.sample.bucket = "review";
    entry.sample.labels = {{0, 0.5 + i * 0.002, Box{10, 10, 50, 50}, "00000000000b"}};
    entry.sha256 = "ab";
    entry.status = "done";
    entries.push_back(entry);
  }
  write_draft_folder(drafts_, "detect", {"cell"}, entries);
  SelectOptions select;
  select.drafts = drafts_;
  select.purpose = "certify";
  select.budget = 100;
  select.seed = 3;
  EXPECT_THAT(select_images(select).files, testing::Not(testing::Contains("answers.csv")));
  Json coco = {{"images", Json::array()},
               {"annotations", Json::array()},
               {"categories", {{{"id", 1}, {"name", "cell"}}}}};
  for (size_t i = 0; i < entries.size(); ++i) {  // IoU 30 x 40 / (50 x 40) = 0.6 with the draft
    coco["images"].push_back(
        {{"id", i + 1}, {"file_name", entries[i].sample.image}, {"width", 100}, {"height", 100}});
    coco["annotations"].push_back({{"id", i + 1},
                                   {"image_id", i + 1},
                                   {"category_id", 1},
                                   {"iscrowd", 0},
                                   {"area", 1600},
                                   {"bbox", {20, 10, 40, 40}}});
  }
  write_text(folder_ / "answers.json", json_text(coco));
  CertifyOptions options;
  options.drafts = drafts_;
  options.answers = folder_ / "answers.json";
  options.max_error = 0.05;
  options.looks = 2;
  options.iou = 0.7;
  const auto strict = certify(options);
  EXPECT_EQ(strict.wrong, 100u);
  EXPECT_LE(strict.accepted, 5u) << "at most those surer than all of the sample";
  options.iou = 0.5;
  const auto loose = certify(options);
  EXPECT_EQ(loose.wrong, 0u);
  EXPECT_EQ(loose.accepted, 100u);
}

}  // namespace
}  // namespace preannotate
