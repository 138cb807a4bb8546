#include "preannotate/pipeline/detection_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kClasses{"cat", "dog", "never"};
const std::vector<double> kConf{0.3, 0.3, 0.3};

Box square(float x, float y, float side) {
  return {x, y, x + side, y + side};
}

/// A right cat, a badly placed cat, a dog drafted as a cat, a missed dog, a false dog, and a draft
/// too weak to be shown.
DetectionImage one_of_each() {
  return {{{square(0, 0, 40), 0},
           {square(100, 0, 40), 0},
           {square(200, 0, 40), 1},
           {square(300, 0, 40), 1}},
          {{square(0, 0, 40), 0, 0.9},
           {{100, 0, 140, 24}, 0, 0.8},
           {square(200, 0, 40), 0, 0.7},
           {square(400, 200, 40), 1, 0.6},
           {square(300, 0, 40), 1, 0.2}}};
}

JudgedBoxes judged(std::vector<DetectionImage> images) {
  JudgedBoxes all;
  for (size_t i = 0; i < images.size(); ++i) all.images.push_back(std::to_string(i) + ".jpg");
  all.boxes = std::move(images);
  return all;
}

std::vector<DetectionImage> random_images(size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<DetectionImage> images(count);
  for (auto& image : images) {
    for (int k = 0; k < 6; ++k) {
      const auto x = static_cast<float>(100 * k);
      const int category = static_cast<int>(random.below(2));
      image.truth.push_back({square(x, 0, 50), category});
      const auto shift = static_cast<float>(random.below(30));
      image.drafts.push_back({square(x + shift, 0, 50), category, random.uniform()});
      image.drafts.push_back({square(x, 300, 50), static_cast<int>(random.below(2)),
                              random.uniform() * random.uniform()});
    }
  }
  return images;
}

Json figures_of(const JudgedBoxes& boxes) {
  return detection_figures(boxes, kClasses, kConf, {}, "labelled data", 1);
}

TEST(DetectionFigures, AreThoseOfTheMetricsBelow) {
  auto boxes = judged(random_images(30, 3));
  boxes.uncalibrated = random_images(30, 4);
  const Json json = figures_of(boxes);
  const auto coco = coco_figures(boxes.boxes, 3);
  EXPECT_EQ(json["method"], "labelled data");
  EXPECT_EQ(json["items"], 30);
  EXPECT_EQ(json["objects"], 180);
  EXPECT_EQ(json["map"], coco.ap);
  EXPECT_EQ(json["map50"], coco.ap50);
  EXPECT_EQ(json["ar100"], coco.ar100);
  EXPECT_EQ(json["map_medium"], coco.ap_medium);
  EXPECT_EQ(json["map50_interval"]["value"], coco.ap50);
  EXPECT_EQ(json["d_ece"], detection_calibration_error(boxes.boxes, 0.5));
  EXPECT_EQ(json["la_ece"], localisation_calibration_error(boxes.boxes, 3));
  EXPECT_EQ(json["d_ece_before_calibration"], detection_calibration_error(boxes.uncalibrated, 0.5));
  EXPECT_EQ(json["la_ece_before_calibration"],
            localisation_calibration_error(boxes.uncalibrated, 3));
  const auto effort = correction_effort(boxes.boxes, kConf, {});
  EXPECT_DOUBLE_EQ(json["effort"]["seconds_per_image"].get<double>(), effort.seconds / 30);
  EXPECT_DOUBLE_EQ(json["effort"]["saved_share"].get<double>(),
                   1 - effort.seconds / effort.seconds_manual);
  EXPECT_EQ(json["effort"]["curve"].size(), 50u);
  EXPECT_EQ(json["effort"]["curve"][49]["conf"], 1);
  EXPECT_EQ(json["effort"]["cost"]["draw"], BoxCost{}.draw);
}

TEST(DetectionFigures, CountWhatEachClassNeeds) {
  const Json json = figures_of(judged({one_of_each()}));
  const Json &cat = json["per_class"][0], &dog = json["per_class"][1];
  const auto counts = [](const Json& entry) {
    std::vector<int> list;
    for (const char* key :
         {"objects", "right", "badly_placed", "swapped", "false_boxes", "missed"}) {
      list.push_back(entry[key].get<int>());
    }
    return list;
  };
  EXPECT_EQ(counts(cat), (std::vector<int>{2, 1, 1, 0, 0, 0}));
  EXPECT_EQ(counts(dog), (std::vector<int>{2, 0, 0, 1, 1, 1}));
  EXPECT_DOUBLE_EQ(cat["precision"].get<double>(), 2.0 / 3);  // at IoU 0.5, of three cats drafted
  EXPECT_EQ(cat["recall"], 1);
  EXPECT_EQ(dog["precision"], 0);
  EXPECT_EQ(dog["recall"], 0);
  EXPECT_EQ(json["effort"]["swapped"], 1);
  EXPECT_EQ(json["effort"]["shown"], 4);
}

TEST(DetectionFigures, AreNullWhereNothingDefinesThem) {
  const Json json = figures_of(judged({one_of_each()}));
  const Json& never = json["per_class"][2];
  for (const char* key : {"map", "map50", "ar100", "precision", "recall"}) {
    EXPECT_TRUE(never[key].is_null()) << key;
  }
  EXPECT_TRUE(json["map_small"].is_null());
  EXPECT_TRUE(json["d_ece_before_calibration"].is_null());
  EXPECT_EQ(json["curves"].size(), 2u);  // of the classes that have an object

  const Json nothing = figures_of(judged({}));
  for (const char* key : {"map", "map50_interval", "d_ece"}) {
    EXPECT_TRUE(nothing[key].is_null()) << key;
  }
  EXPECT_TRUE(nothing["effort"]["seconds_per_image"].is_null());
  EXPECT_EQ(detection_line(nothing), "0 images, 0 objects");
  EXPECT_NO_THROW(json_text(nothing));
}

TEST(DetectionFigures, TheIntervalIsThatOfImagesAsTheyDiffer) {
  const auto interval_of = [](const std::vector<DetectionImage>& images) {
    return figures_of(judged(images))["map50_interval"];
  };
  const auto width = [](const Json& interval) {
    return interval["high"].get<double>() - interval["low"].get<double>();
  };
  const Json alike = interval_of(std::vector<DetectionImage>(12, one_of_each()));
  EXPECT_NEAR(width(alike), 0, 1e-9);  // a resample of equal images is the same set
  const Json few = interval_of(random_images(10, 5)), many = interval_of(random_images(160, 5));
  EXPECT_GT(width(few), 2 * width(many));
  EXPECT_GT(width(many), 0);
  EXPECT_LE(few["low"], few["value"]);
  EXPECT_GE(few["high"], few["value"]);
}

TEST(DetectionFigures, CurvesKeepTheirEndsInAtMost101Points) {
  const auto images = random_images(100, 8);
  const Json json = figures_of(judged(images));
  for (int c = 0; c < 2; ++c) {
    const auto whole = precision_recall(images, c, 0.5);
    const auto recall = json["curves"][c]["recall"].get<std::vector<double>>();
    const auto precision = json["curves"][c]["precision"].get<std::vector<double>>();
    ASSERT_GT(whole.recall.size(), 101u);
    EXPECT_LE(recall.size(), 101u);
    EXPECT_GT(recall.size(), 60u);
    EXPECT_EQ(recall.size(), precision.size());
    EXPECT_TRUE(std::is_sorted(recall.begin(), recall.end()));
    EXPECT_EQ(recall.front(), whole.recall.front());
    EXPECT_EQ(recall.back(), whole.recall.back());
    EXPECT_EQ(precision.back(), whole.precision.back());
  }
}

TEST(DetectionLine, NamesTheFiguresThatThereAre) {
  Json json = figures_of(judged({one_of_each()}));
  json["map50"] = 0.8734;
  json["map"] = 0.541;
  json["map50_interval"] = {{"value", 0.8734}, {"low", 0.841}, {"high", 0.902}};
  json["d_ece"] = 0.031;
  json["effort"]["saved_share"] = 0.542;
  EXPECT_EQ(detection_line(json),
            "AP50 0.873 (95 % interval 0.84-0.90), AP 0.54, D-ECE 0.03, 54 % of the time saved, "
            "1 image, 4 objects");
  json["effort"]["saved_share"] = -0.1;
  EXPECT_THAT(detection_line(json), HasSubstr("10 % more time than drawing everything"));
  json["d_ece"] = nullptr;
  EXPECT_THAT(detection_line(json), Not(HasSubstr("D-ECE")));
}

TEST(WorstBoxes, AreMissesWithoutAnythingNearAndSureFalseBoxes) {
  DetectionImage lonely{{{square(0, 0, 20), 0}, {square(100, 0, 60), 0}}, {}};
  const auto worst = worst_boxes(judged({one_of_each(), lonely}), kConf, 5);
  ASSERT_EQ(worst.size(), 3u);
  EXPECT_TRUE(worst[0].missed);
  EXPECT_EQ(worst[0].image, 1u);
  EXPECT_EQ(worst[0].score, 1);
  EXPECT_EQ(worst[0].box, square(100, 0, 60));  // the larger of the two
  EXPECT_EQ(worst[1].image, 0u);
  EXPECT_EQ(worst[1].box, square(300, 0, 40));  // the swapped dog is no miss
  EXPECT_DOUBLE_EQ(worst[1].score, 0.8);        // a draft of 0.2 lies there, not shown
  EXPECT_FALSE(worst[2].missed);
  EXPECT_EQ(worst[2].score, 0.7);  // the swapped one, surer than the other
  EXPECT_EQ(worst[2].category, 0);
}

TEST(WorstBoxes, AreLimitedAndLeaveCrowdsAlone) {
  DetectionImage crowd{{{square(0, 0, 50), 0, true}}, {{square(0, 0, 50), 0, 0.9}}};
  EXPECT_TRUE(worst_boxes(judged({crowd}), kConf, 5).empty());
  EXPECT_EQ(worst_boxes(judged(std::vector(9, one_of_each())), kConf, 4).size(), 8u);
}

}  // namespace
}  // namespace preannotate
