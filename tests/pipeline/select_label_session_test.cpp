// What to label next, with and without a model.

#include <set>

#include "boxed_session.h"
#include "preannotate/core/files.h"
#include "preannotate/data/answer_log.h"
#include "preannotate/pipeline/select_label.h"
#include "preannotate/review/selection.h"
#include "session.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

const std::vector<std::string> kClasses{"blue", "green", "red"};

class SelectLabelSession : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    world_ = make_world(folder_ / "world", 12, 40);
    train(train_options(world_));
    predict(predict_options(world_));
    options_.images = folder_ / "drafts";
    options_.budget = 10;
    options_.blind = 0.2;
    options_.seed = 7;
  }
  Selection chosen(const std::string& name = "label") const {
    return read_selection(folder_ / "drafts", name, kClasses);
  }
  void answer(const std::vector<std::string>& images) const {
    std::vector<Answer> answers;
    for (const auto& image : images) {
      Answer answer;
      answer.at = utc_now();
      answer.image = image;
      answer.labels = {{0, std::nullopt, std::nullopt, ""}};
      answers.push_back(answer);
    }
    AnswerWriter(folder_ / "drafts").append(answers, kClasses);
  }
  World world_;
  SelectLabelOptions options_;
};

TEST_F(SelectLabelSession, ABatchOfDraftsHoldsEachImageOnceAndNamesItsBlindOnes) {
  options_.formats = {"coco"};
  const auto result = select_label(options_);
  EXPECT_EQ(result.folder, folder_ / "drafts" / "selections" / "label");
  EXPECT_EQ(result.images, 10u);
  EXPECT_EQ(result.blind, 2u);
  EXPECT_EQ(result.pool, 40u);
  const Selection selection = chosen();
  EXPECT_EQ(selection.purpose, "label");
  EXPECT_EQ(selection.seed, 7u);
  EXPECT_EQ(std::set<std::string>(selection.images.begin(), selection.images.end()).size(), 10u);
  ASSERT_EQ(selection.blind.size(), 2u);
  const auto coco = read_json(result.folder / "coco" / "annotations.json");
  EXPECT_EQ(coco["images"].size(), 10u);
  EXPECT_EQ(coco["annotations"].size(), 8u) << "the drafts of blind images are not shown";
  for (const auto& image : selection.images) {
    const bool blind = image == selection.blind[0] || image == selection.blind[1];
    EXPECT_EQ(hides_draft(selection, image), blind) << image;
    EXPECT_THAT(read_file(result.folder / "images.txt"), HasSubstr(image + "\n"));
  }
}

TEST_F(SelectLabelSession, ABatchIsTheSameForASeed) {
  select_label(options_);
  options_.name = "again";
  select_label(options_);
  options_.name = "other";
  options_.seed = 8;
  select_label(options_);
  EXPECT_EQ(chosen().images, chosen("again").images);
  EXPECT_NE(chosen().images, chosen("other").images);
}

TEST_F(SelectLabelSession, WhatPeopleAnsweredIsNotAskedAgain) {
  options_.budget = 25;
  select_label(options_);
  const auto first = chosen().images;
  answer(first);
  options_.name = "second";
  const auto result = select_label(options_);
  EXPECT_EQ(result.pool, 15u);
  EXPECT_EQ(result.images, 15u);
  for (const auto& image : chosen("second").images)
    EXPECT_THAT(first, Not(testing::Contains(image)));
  answer(chosen("second").images);
  options_.name = "third";
  EXPECT_THAT(refusal([&] { select_label(options_); }),
              AllOf(HasSubstr("4: "), HasSubstr("all of its 40 images have a label already")));
}

TEST_F(SelectLabelSession, ImagesOfTheSeedAndCopiesAreNotAsked) {
  auto predicting = predict_options(world_);
  fs::copy_file(world_.seed / "red" / "00.jpg", world_.unlabelled / "of_the_seed.jpg");
  const auto some = ledger().front().sample.image;
  fs::copy_file(world_.unlabelled / some, world_.unlabelled / "zz_copy.jpg");
  predicting.force = true;
  predict(predicting);
  options_.budget = 100;
  select_label(options_);
  const auto images = chosen().images;
  EXPECT_EQ(images.size(), 40u);
  EXPECT_THAT(images, Not(testing::Contains("of_the_seed.jpg")));
  EXPECT_THAT(images, Not(testing::Contains("zz_copy.jpg")));
}

TEST_F(SelectLabelSession, ARunThatIsGoneOrAnotherOneIsRefused) {
  fs::rename(folder_ / "run", folder_ / "moved");
  EXPECT_THAT(refusal([&] { select_label(options_); }),
              AllOf(HasSubstr("2: "), HasSubstr("is no longer at"), HasSubstr("--model RUN")));
  options_.model = folder_ / "moved";
  EXPECT_EQ(select_label(options_).images, 10u);
  auto training = train_options(world_);
  training.output = folder_ / "other";
  training.seed = 5;
  train(training);
  options_.model = folder_ / "other";
  EXPECT_THAT(refusal([&] { select_label(options_); }),
              AllOf(HasSubstr("2: "), HasSubstr("expected the run that made them")));
}

TEST_F(SelectLabelSession, ImagesThatWereRemovedSinceAreNamedAndLeftOut) {
  const auto gone = ledger().front().sample.image;
  fs::remove(world_.unlabelled / gone);
  options_.budget = 40;
  const auto result = select_label(options_);
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  EXPECT_EQ(result.images, 39u);
  EXPECT_THAT(chosen().images, Not(testing::Contains(gone)));
  fs::remove_all(world_.unlabelled);
  options_.force = true;
  EXPECT_THAT(refusal([&] { select_label(options_); }),
              AllOf(HasSubstr("4: "), HasSubstr("can be read"), HasSubstr("unlabelled")));
  EXPECT_EQ(chosen().images.size(), 39u) << "the earlier selection stays";
}

TEST_F(SelectLabelSession, AFolderOfImagesGivesAFirstBatchOfEveryClass) {
  SelectLabelOptions options;
  options.images = world_.unlabelled;
  options.output = folder_ / "first";
  options.budget = 9;
  options.seed = 3;
  options.backbone = world_.backbone;
  options.trust_backbone = true;
  options.formats = {"label_studio", "coco"};
  options.classes = kClasses;
  const auto result = select_label(options);
  EXPECT_EQ(result.images, 9u);
  EXPECT_EQ(result.blind, 0u);
  EXPECT_EQ(result.pool, 40u);
  std::set<std::string> classes;
  const auto truth = read_file(world_.truth);
  const Json selection = read_json(folder_ / "first" / "selection.json");
  EXPECT_EQ(selection["purpose"], "label");
  for (const auto& image : selection["images"]) {
    const auto at = truth.find(image.get<std::string>() + ",");
    ASSERT_NE(at, truth.npos);
    const auto label = truth.find(',', at) + 1;
    classes.insert(truth.substr(label, truth.find('\n', label) - label));
  }
  EXPECT_EQ(classes.size(), 3u);
  EXPECT_EQ(read_json(folder_ / "first" / "coco" / "annotations.json")["images"].size(), 9u);
  EXPECT_EQ(read_json(folder_ / "first" / "label_studio" / "tasks.json").size(), 9u);
  EXPECT_THAT(read_file(folder_ / "first" / "label_studio" / "config.xml"),
              HasSubstr("<Choice value=\"green\""));
  EXPECT_THAT(refusal([&] { select_label(options); }), HasSubstr("first")) << "it exists";
}

TEST_F(SelectLabelSession, OptionsOfTheOtherKindAreRefused) {
  options_.output = folder_ / "first";
  EXPECT_THAT(refusal([&] { select_label(options_); }),
              AllOf(HasSubstr("2: --output"), HasSubstr("holds drafts")));
  SelectLabelOptions images;
  images.images = world_.unlabelled;
  images.budget = 3;
  EXPECT_THAT(refusal([&] { select_label(images); }), HasSubstr("2: --output FOLDER is missing"));
  images.output = folder_ / "first";
  images.classes = {"red", "red"};
  EXPECT_THAT(refusal([&] { select_label(images); }),
              HasSubstr("2: --classes: 'red' is named twice"));
  images.model = folder_ / "run";
  EXPECT_THAT(refusal([&] { select_label(images); }),
              AllOf(HasSubstr("2: --model"), HasSubstr("holds no drafts")));
}

TEST_F(BoxedSession, ABatchOfDraftedBoxesIsChosen) {
  const BoxedWorld world = make_boxed_world(folder_ / "world", 10, 12);
  train(quick_options(world));
  predict(predict_options(world));
  SelectLabelOptions options;
  options.images = folder_ / "drafts";
  options.budget = 5;
  options.seed = 1;
  const auto result = select_label(options);
  EXPECT_EQ(result.images, 5u);
  EXPECT_EQ(result.blind, 1u);
}

}  // namespace
}  // namespace preannotate
