#include <nlohmann/json.hpp>

#include "boxed_session.h"
#include "preannotate/data/format.h"
#include "support/images.h"
#include "support/tiny_backbone.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

/// Labels, images and backbones that are not as they should be.
class DetectionInput : public BoxedSession {
 protected:
  void SetUp() override {
    BoxedSession::SetUp();
    world_ = make_boxed_world(folder_ / "world", 8, 3);
  }
  std::string training_refused(const TrainOptions& options) {
    const auto sentence = refusal([&] { train(options); });
    EXPECT_FALSE(fs::exists(options.output));
    return sentence;
  }
  void write_seed(const Json& coco) { write_text(world_.seed, coco.dump()); }
  Json left_out(const TrainResult& result) { return result.metrics.at("data").at("left_out"); }

  BoxedWorld world_;
};

TEST_F(DetectionInput, ABackboneWithoutMapsSaysWhatToExport) {
  write_tiny_backbone(world_.backbone, {.tuple = false});
  EXPECT_THAT(training_refused(quick_options(world_)),
              AllOf(HasSubstr("5: backbone tiny"), HasSubstr("pooled features only"),
                    HasSubstr("spatial map"), HasSubstr("export it again")));
}

TEST_F(DetectionInput, ASideThatDoesNotFitIsRefusedWithOneThatDoes) {
  auto options = quick_options(world_);
  options.imgsz = 100;
  EXPECT_THAT(training_refused(options),
              AllOf(HasSubstr("2: "), HasSubstr("100"), HasSubstr("96")));
}

// Row 89.
TEST_F(DetectionInput, CrowdsAreNeitherTrainedOnNorCounted) {
  train(quick_options(world_));
  auto pictures = world_.labelled;
  auto truth = world_.pictures;
  for (auto* all : {&pictures, &truth}) {
    for (auto& picture : *all) picture.objects.push_back({{0, 0, 96, 64}, 1, true});
  }
  long objects = 0, reds = 0;
  for (const auto& picture : world_.labelled) {
    objects += static_cast<long>(picture.objects.size());
    for (const auto& object : picture.objects) reds += object.category == 1;
  }
  write_seed(coco_of(pictures));
  auto options = quick_options(world_);
  options.output = folder_ / "crowds";
  options.folds = std::nullopt;
  const auto result = train(options);
  EXPECT_EQ(result.metrics.at("data").at("objects"), objects);
  EXPECT_EQ(result.metrics.at("data").at("per_class").at("red"), reds);
  EXPECT_EQ(result.metrics.at("validation").at("objects"), objects);

  auto draft = predict_options(world_);
  draft.conf = 0.0;
  predict(draft);
  const Json plain = judged("", folder_ / "drafts", world_.truth)["validation"];
  write_text(world_.truth, coco_of(truth).dump());
  const Json crowded = judged("", folder_ / "drafts", world_.truth)["validation"];
  EXPECT_EQ(crowded["objects"], plain["objects"]);
  EXPECT_EQ(crowded["effort"]["missed"], plain["effort"]["missed"]);
  // Drafts on a crowd are not wrong: only those of its class that were are forgiven.
  EXPECT_LE(crowded["effort"]["false_boxes"], plain["effort"]["false_boxes"]);
}

TEST_F(DetectionInput, ASeedOfCrowdsAloneCannotTeachADetector) {
  auto pictures = world_.labelled;
  for (auto& picture : pictures) {
    for (auto& object : picture.objects) object.crowd = true;
  }
  write_seed(coco_of(pictures));
  auto options = quick_options(world_);
  EXPECT_THAT(training_refused(options), AllOf(HasSubstr("4: "), HasSubstr("crowd")));
  options.task = "detect";
  EXPECT_THAT(training_refused(options), AllOf(HasSubstr("4: "), HasSubstr("crowd")));
}

TEST_F(DetectionInput, ASeedWithoutBoxesCannotTeachADetector) {
  const World flat = make_world(folder_ / "flat", 3, 1);
  auto options = quick_options(world_);
  options.data = flat.seed;
  options.task = "detect";
  EXPECT_THAT(training_refused(options), AllOf(HasSubstr("4: "), HasSubstr("no label has a box")));
  auto pictures = world_.labelled;
  for (auto& picture : pictures) picture.objects.clear();
  write_seed(coco_of(pictures));
  options = quick_options(world_);
  EXPECT_THAT(training_refused(options), HasSubstr("4: "));
}

// Rows 19, 85.
TEST_F(DetectionInput, ImagesOfAnotherSizeAreLeftOutAndNamed) {
  Json coco = coco_of(world_.labelled);
  coco["images"][3]["width"] = 64;
  coco["images"][3]["height"] = 96;
  for (auto& annotation : coco["annotations"]) {
    if (annotation["image_id"] == 4) annotation["bbox"] = {1, 1, 20, 20};
  }
  write_seed(coco);
  auto options = quick_options(world_);
  const auto result = train(options);
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  ASSERT_EQ(left_out(result).size(), 1u);
  EXPECT_EQ(left_out(result)[0]["image"], "03.png");
  EXPECT_EQ(left_out(result)[0]["reason"], "size_differs");
  EXPECT_THAT(left_out(result)[0].dump(), AllOf(HasSubstr("96 x 64"), HasSubstr("64 x 96")));
  EXPECT_EQ(result.metrics.at("data").at("images"), 7);
  const Json judged_run = judged(folder_ / "run", "", world_.seed);
  EXPECT_EQ(judged_run["data"]["left_out"][0]["reason"], "size_differs");
}

TEST_F(DetectionInput, LabelsWithoutImageSizesTeachAllTheSame) {
  Json coco = coco_of(world_.labelled);
  for (auto& image : coco["images"]) {
    image.erase("width");
    image.erase("height");
  }
  write_seed(coco);
  const auto result = train(quick_options(world_));
  EXPECT_EQ(result.exit_code, kDone);
  EXPECT_EQ(result.metrics.at("data").at("images"), 8);
  EXPECT_EQ(result.metrics.at("head").at("frame"), (Json{96, 64}));
}

TEST_F(DetectionInput, MissingAndUnreadableImagesAreLeftOut) {
  fs::remove(world_.seed.parent_path() / "01.png");
  write_text(world_.seed.parent_path() / "04.png", "no picture");
  auto options = quick_options(world_);
  const auto result = train(options);
  EXPECT_EQ(result.exit_code, kSomeSkipped);
  EXPECT_EQ(result.metrics.at("data").at("images"), 6);
  EXPECT_THAT(left_out(result).dump(),
              AllOf(HasSubstr("image_missing"), HasSubstr("01.png"), HasSubstr("not_an_image")));
  options.allow_skipped = options.force = true;
  EXPECT_EQ(train(options).exit_code, kDone);
}

TEST_F(DetectionInput, NothingReadableIsBadInput) {
  for (const auto& picture : world_.labelled) {
    write_text(world_.seed.parent_path() / picture.name, "no picture");
  }
  EXPECT_THAT(training_refused(quick_options(world_)),
              AllOf(HasSubstr("4: "), HasSubstr("none of the 8 images")));
}

TEST_F(DetectionInput, BoxesBeyondTheImageAreClippedOrLeftOutWithAWarning) {
  auto pictures = world_.labelled;
  pictures[0].objects.push_back({{80, 40, 120, 80}, 0});   // clipped
  pictures[0].objects.push_back({{200, 10, 220, 30}, 0});  // outside
  write_seed(coco_of(pictures));
  long objects = -1;
  for (const auto& picture : pictures) objects += static_cast<long>(picture.objects.size());
  testing::internal::CaptureStderr();
  const auto result = train(quick_options(world_));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("warning: 1 x box_clipped, first 00.png"),
                    HasSubstr("warning: 1 x box_outside_image, first 00.png")));
  EXPECT_EQ(result.exit_code, kDone);
  EXPECT_EQ(result.metrics.at("data").at("objects"), objects);
}

TEST_F(DetectionInput, OneImageTeachesAndIsNotJudged) {
  write_seed(coco_of({world_.labelled[1]}));
  auto options = quick_options(world_);
  options.folds = std::nullopt;
  const auto result = train(options);
  EXPECT_EQ(result.exit_code, kDone);
  EXPECT_TRUE(result.metrics.at("validation").is_null());
}

TEST_F(DetectionInput, CopiesOfOneImageAreNotJudgedByEachOther) {
  fs::copy_file(world_.seed.parent_path() / "01.png", world_.seed.parent_path() / "copy.png");
  auto copy = world_.labelled[1];
  copy.name = "copy.png";
  write_seed(coco_of({world_.labelled[1], copy}));
  auto options = quick_options(world_);
  options.folds = std::nullopt;
  const auto result = train(options);
  EXPECT_TRUE(result.metrics.at("validation").is_null());
}

TEST_F(DetectionInput, BoxedSeedsTeachClassifiersWhenAsked) {
  auto options = quick_options(world_);
  options.imgsz = 32;
  options.steps = 0;  // a detector's
  options.folds = 2;
  options.task = "multilabel";
  const auto several = train(options);
  EXPECT_EQ(several.metrics.at("task"), "multilabel");
  EXPECT_EQ(several.metrics.at("data").at("images"), 8);

  std::vector<BoxedPicture> single;
  Random random(4);
  for (int i = 0; i < 8; ++i) {
    auto picture = random_boxed("s" + std::to_string(i) + ".png", 1, random);
    picture.objects[0].category = i % 2;
    single.push_back(picture);
  }
  options.data = write_boxed_seed(folder_ / "single", single);
  options.task = "classify";
  options.output = folder_ / "classifier";
  EXPECT_EQ(train(options).metrics.at("task"), "classify");
  auto draft = predict_options(world_);
  draft.model = options.output;
  EXPECT_EQ(predict(draft).exit_code, kDone);
  EXPECT_FALSE(ledger().at(0).sample.labels.at(0).box.has_value());
}

TEST_F(DetectionInput, VocSeedsTeachTheSame) {
  const auto& voc = format_named("voc");
  fs::create_directories(folder_ / "voc" / "JPEGImages");
  voc.write(read_dataset(world_.seed, "coco"), folder_ / "voc");
  for (const auto& picture : world_.labelled) write_boxed(folder_ / "voc" / "JPEGImages", picture);
  auto options = quick_options(world_);
  const auto coco = train(options);
  options.data = folder_ / "voc";
  options.output = folder_ / "from_voc";
  const auto result = train(options);
  EXPECT_EQ(result.exit_code, kDone);
  EXPECT_EQ(result.metrics.at("task"), "detect");
  EXPECT_EQ(result.metrics.at("data").at("sha256"), coco.metrics.at("data").at("sha256"));
  EXPECT_TRUE(read_text(folder_ / "run" / "head.pt") ==
              read_text(folder_ / "from_voc" / "head.pt"));
}

}  // namespace
}  // namespace preannotate
