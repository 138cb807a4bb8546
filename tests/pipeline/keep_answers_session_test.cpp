#include <sstream>

#include "answered_session.h"
#include "preannotate/data/drafts.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

class KeepAnswers : public AnsweredSession {
 protected:
  /// A run that is another model than r1.
  void train_another() {
    auto options = train_options(world_);
    options.output = folder_ / "runs" / "r2";
    options.features = "embedding";
    options.seed = 5;
    options.folds = 3;
    train(options);
  }

  /// Lines of the ledger by image.
  std::map<std::string, std::string> lines() const {
    std::map<std::string, std::string> by_image;
    std::istringstream text(read_text(folder_ / "drafts" / "drafts.jsonl"));
    for (std::string line; std::getline(text, line);) {
      by_image[parse_json(line, "ledger").at("image").get<std::string>()] = line;
    }
    return by_image;
  }
};

TEST_F(KeepAnswers, ForceDoesNotReplaceAFolderOfAnswers) {
  prepare(4, 12, 2);
  append({answer(images_[0], "red")});
  const auto before = content_of(folder_ / "drafts");
  auto options = predict_options(world_);
  options.model = folder_ / "runs" / "r1";
  options.force = true;
  EXPECT_THAT(refusal([&] { predict(options); }), HasSubstr("--keep-answers"));
  fs::remove(folder_ / "drafts" / "review.jsonl");
  write_text(folder_ / "drafts" / "selections" / "audit" / "selection.json", "{}");
  EXPECT_THAT(refusal([&] { predict(options); }), HasSubstr("--keep-answers"));
}

TEST_F(KeepAnswers, OnlyDraftsThatNobodyAnsweredChange) {
  prepare(4, 20, 2);
  train_another();
  append({answer(images_[0], "red"), answer(images_[3], "blue"), answer(images_[4], "green")});
  auto undone = answer(images_[3], "");
  undone.action = "undone";
  append({undone});
  write_text(folder_ / "drafts" / "selections" / "first" / "selection.json", "what it was");
  const auto files = content_of(folder_ / "drafts");
  const auto before = lines();

  const auto result = draft("r2", {"csv"}, true);
  EXPECT_EQ(result.summary.at("answered"), 2);
  EXPECT_EQ(result.summary.at("found"), 20);
  const auto now = content_of(folder_ / "drafts");
  EXPECT_EQ(now.at("review.jsonl"), files.at("review.jsonl"));
  EXPECT_EQ(now.at("selections/first/selection.json"), files.at("selections/first/selection.json"));
  const auto after = lines();
  ASSERT_EQ(after.size(), before.size());
  for (const auto& [image, line] : before) {
    const bool answered = image == images_[0] || image == images_[4];
    EXPECT_EQ(after.at(image) == line, answered) << image;
  }
}

TEST_F(KeepAnswers, FormatsHoldWhatPeopleSaid) {
  prepare(4, 20, 2);
  const auto& image = images_[0];
  append({answer(image, wrong(image))});
  draft("r1", {"csv"}, true);
  EXPECT_THAT(read_text(folder_ / "drafts" / "csv" / "labels.csv"), HasSubstr(image + ","));
  for (const auto& sample : read_drafts(folder_ / "drafts").samples) {
    EXPECT_EQ(sample.bucket == "answered", sample.image == image);
  }
  std::istringstream csv(read_text(folder_ / "drafts" / "csv" / "labels.csv"));
  for (std::string line; std::getline(csv, line);) {
    if (!line.starts_with(image)) continue;
    EXPECT_THAT(line, HasSubstr("," + wrong(image)));
  }
}

TEST_F(KeepAnswers, AnImageOfAnotherContentIsDraftedAnew) {
  prepare(4, 20, 2);
  append({answer(images_[0], "red")});
  fs::copy_file(world_.unlabelled / images_[1], world_.unlabelled / images_[0],
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(draft("r1", {}, true).summary.at("answered"), 0);
  EXPECT_EQ(ledger().front().sha256, ledger()[1].sha256);
}

TEST_F(KeepAnswers, AFolderThatIsWhollyAnsweredStaysAsItIs) {
  prepare(4, 10, 0);
  train_another();
  std::vector<Answer> answers;
  for (const auto& image : images_) answers.push_back(answer(image, truth_.at(image)));
  append(answers);
  const auto before = lines();
  EXPECT_EQ(draft("r2", {"csv", "coco"}, true).summary.at("answered"), 10);
  EXPECT_EQ(lines(), before);
}

TEST_F(KeepAnswers, WhoeverTakesAnswersIsNotDisturbed) {
  prepare(4, 10, 2);
  append({answer(images_[0], "red")});
  const AnswerWriter review(folder_ / "drafts");
  EXPECT_THAT(refusal([&] { draft("r1", {}, true); }), HasSubstr("takes answers"));
}

TEST_F(KeepAnswers, LinesGetAScoreOfNothingForClassesThatAreNew) {
  prepare(4, 40, 20);
  std::vector<Answer> answers;
  for (size_t i = 0; i < 4; ++i) answers.push_back(answer(images_[i], "amber"));
  append(answers);
  update(update_options("r2"));
  draft("r2", {"csv"}, true);
  for (const auto& entry : ledger()) {
    ASSERT_EQ(entry.scores.size(), 4u);
    EXPECT_EQ(entry.scores[3] == 0, entry.sample.image <= images_[3]) << entry.sample.image;
  }
}

}  // namespace
}  // namespace preannotate
