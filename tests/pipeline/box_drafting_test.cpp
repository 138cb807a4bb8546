#include "pipeline/box_drafting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preannotate/core/error.h"

namespace preannotate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kClasses{"cat", "dog"};

LedgerEntry drafted(const std::vector<DraftBox>& boxes, const std::vector<double>& conf,
                    const AcceptScores& accept = usual_accept_scores(2)) {
  LoadedImage image;
  image.sha256 = "abc";
  image.width = 640;
  image.height = 480;
  image.orientation = 6;
  RunManifest run;
  run.classes = kClasses;
  run.model_version = "0123456789ab";
  return draft_boxes(image, "a/b.jpg", boxes, run, conf, accept);
}

const DraftBox kCat{{10, 20, 110, 70}, 0, 0.95}, kDog{{200, 20, 310, 70}, 1, 0.6};

TEST(BoxDrafting, EachClassHasItsThreshold) {
  const auto entry = drafted({kCat, kDog}, {0.95, 0.61});
  ASSERT_EQ(entry.sample.labels.size(), 1u);
  EXPECT_EQ(entry.sample.labels[0].category, 0);
  EXPECT_EQ(entry.sample.labels[0].id.size(), 12u);
  ASSERT_EQ(entry.candidates.size(), 1u);
  EXPECT_EQ(entry.candidates[0].category, 1);
  EXPECT_EQ(entry.status, "done");
  EXPECT_EQ(entry.orientation, 6);
}

TEST(BoxDrafting, AnOutshoneBoxIsACandidateThatAsksForALook) {
  DraftBox other{kCat.box, 1, 0.9};
  other.outshone = true;
  const auto entry = drafted({kCat, other}, {0.5, 0.5});
  EXPECT_EQ(entry.sample.labels.size(), 1u);
  ASSERT_EQ(entry.candidates.size(), 1u);
  EXPECT_EQ(entry.candidates[0].score, 0.9);
  EXPECT_EQ(entry.sample.bucket, "review");
}

TEST(BoxDrafting, TheBucketSaysWhoseBoxesNeedALook) {
  const auto bucket = [](double cat, double conf) {
    return drafted({{kCat.box, 0, cat}}, {conf, conf}).sample.bucket;
  };
  EXPECT_EQ(bucket(0.95, 0.5), "accept");
  EXPECT_EQ(bucket(0.6, 0.5), "review");  // shown, not sure
  EXPECT_EQ(bucket(0.4, 0.5), "review");  // not shown, yet likely
  EXPECT_EQ(bucket(0.05, 0.5), "empty");  // surely nothing
  EXPECT_EQ(drafted({}, {0.5, 0.5}).sample.bucket, "empty");
  EXPECT_EQ(drafted({}, {0.5, 0.5}).status, "empty");
  EXPECT_EQ(drafted({kCat, {kDog.box, 1, 0.4}}, {0.5, 0.5}).sample.bucket, "review");
}

TEST(BoxDrafting, EachClassIsAcceptedFromItsOwnScore) {
  const auto bucket = [](const AcceptScores& accept) {
    return drafted({kCat, kDog}, {0.5, 0.5}, accept).sample.bucket;
  };
  EXPECT_EQ(bucket({0.95, 0.6}), "accept");
  EXPECT_EQ(bucket({0.95, 0.61}), "review");
  EXPECT_EQ(bucket({0.96, 0.6}), "review");
  EXPECT_EQ(bucket({std::nullopt, 0.6}), "review");  // no cat is ever accepted
  EXPECT_EQ(drafted({}, {0.5, 0.5}, {std::nullopt, std::nullopt}).sample.bucket, "empty");
}

TEST(BoxDrafting, UncertaintyIsThatOfTheLeastSureBox) {
  EXPECT_DOUBLE_EQ(drafted({}, {0.5, 0.5}).sample.uncertainty, 0);
  EXPECT_NEAR(drafted({kCat, {kDog.box, 1, 0.5}}, {0.5, 0.5}).sample.uncertainty, 1, 1e-12);
  EXPECT_NEAR(drafted({{kCat.box, 0, 0.75}}, {0.5, 0.5}).sample.uncertainty, 0.5, 1e-12);
}

TEST(BoxDrafting, AnIdIsOfTheImageTheModelAndThePlaceAndNotOfTheScore) {
  const auto id = [](const DraftBox& box) { return drafted({box}, {0, 0}).sample.labels[0].id; };
  EXPECT_EQ(id(kCat), id({kCat.box, 0, 0.3}));
  EXPECT_NE(id(kCat), id({kCat.box, 1, 0.95}));
  EXPECT_NE(id(kCat), id({{10, 20, 110, 71}, 0, 0.95}));
}

TEST(BoxDrafting, TheLedgerKeepsWhatIsShownAndWhatIsNot) {
  const auto entry = drafted({kCat, kDog}, {0.5, 0.9});
  const std::string line = ledger_line(entry, kClasses);
  const auto back = parse_ledger_line(line, kClasses, "line 1");
  EXPECT_EQ(back.sample, entry.sample);
  EXPECT_EQ(back.candidates, entry.candidates);
  EXPECT_EQ(ledger_line(back, kClasses), line);
  const auto empty = drafted({kDog}, {0.5, 0.9});
  EXPECT_EQ(parse_ledger_line(ledger_line(empty, kClasses), kClasses, "").candidates.size(), 1u);
  EXPECT_THAT(ledger_line(drafted({kCat}, {0, 0}), kClasses),
              testing::Not(HasSubstr("candidates")));
}

TEST(BoxDrafting, WrongCandidatesInALedgerAreNamed) {
  const auto refused = [](std::string line, const std::string& from, const std::string& to) {
    line.replace(line.find(from), from.size(), to);
    try {
      parse_ledger_line(line, kClasses, "drafts.jsonl:3");
      return std::string("nothing was thrown");
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      return std::string(error.what());
    }
  };
  const std::string line = ledger_line(drafted({kDog}, {0.5, 0.9}), kClasses);
  EXPECT_THAT(refused(line, "\"dog\"", "\"dig\""), HasSubstr("did you mean 'dog'?"));
  EXPECT_THAT(refused(line, "0.6", "1.6"), HasSubstr("drafts.jsonl:3: field 'score' is 1.6"));
  EXPECT_THAT(refused(line, "\"candidates\":[", "\"candidates\":7,\"x\":["),
              HasSubstr("field 'candidates' is no list"));
}

TEST(BoxDrafting, OneThresholdReplacesThoseOfTheRun) {
  DetectorSettings settings;
  settings.conf = {0.2, 0.7};
  settings.iou = 0.45;
  settings.max_det = 9;
  EXPECT_THAT(box_options(settings, std::nullopt).conf, ElementsAre(0.2, 0.7));
  EXPECT_THAT(box_options(settings, 0.5).conf, ElementsAre(0.5, 0.5));
  EXPECT_EQ(box_options(settings, 0.5).detect.iou, 0.45);
  EXPECT_EQ(box_options(settings, 0.5).detect.max_det, 9);
}

}  // namespace
}  // namespace preannotate
