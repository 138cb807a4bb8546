#include <gtest/gtest.h>

#include <cmath>

#include "preannotate/core/random.h"
#include "preannotate/metrics/detection.h"

namespace preannotate {
namespace {

const Box kObject{0, 0, 10, 10}, kElsewhere{50, 50, 60, 60};

TEST(DetectionCalibrationError, IsTheGapOfEachBinWeightedByItsShare) {
  // Bin 0.8-0.9: scores 0.80 and 0.85, one right. Bin 0.3-0.4: 0.3, wrong. Last bin: 1, right.
  const std::vector<DetectionImage> images{
      {{{kObject, 0}}, {{kObject, 0, 0.80}, {kElsewhere, 0, 0.85}}},
      {{{kObject, 1}}, {{kObject, 1, 1}, {kElsewhere, 1, 0.3}}}};
  EXPECT_NEAR(detection_calibration_error(images, 0.5), 2 / 4.0 * (0.825 - 0.5) + 1 / 4.0 * 0.3 + 0,
              1e-12);
}

TEST(DetectionCalibrationError, DependsOnTheIou) {
  const DetectionImage loose{{{kObject, 0}}, {{{0, 0, 10, 6}, 0, 1}}};
  EXPECT_EQ(detection_calibration_error({loose}, 0.5), 0);
  EXPECT_EQ(detection_calibration_error({loose}, 0.7), 1);
}

TEST(DetectionCalibrationError, LeavesDraftsOnCrowdsOut) {
  const DetectionImage image{{{{40, 40, 100, 100}, 0, true}, {kObject, 0}},
                             {{kElsewhere, 0, 0.9}, {kObject, 0, 1}}};
  EXPECT_EQ(detection_calibration_error({image}, 0.5), 0);
  EXPECT_EQ(localisation_calibration_error({image}, 1), 0);
}

TEST(DetectionCalibrationError, IsMinusOneWithoutADraft) {
  EXPECT_EQ(detection_calibration_error({}, 0.5), -1);
  EXPECT_EQ(detection_calibration_error({{{{kObject, 0}}, {}}}, 0.5), -1);
  EXPECT_EQ(localisation_calibration_error({{{{kObject, 0}}, {}}}, 3), -1);
}

TEST(LocalisationCalibrationError, WantsTheScoreToBeTheIou) {
  const DetectionImage image{{{kObject, 0}}, {{{0, 0, 10, 6}, 0, 0.6}}};
  EXPECT_NEAR(localisation_calibration_error({image}, 1), 0, 1e-12);
  EXPECT_NEAR(detection_calibration_error({image}, 0.5), 0.4, 1e-12);
}

TEST(LocalisationCalibrationError, IsTheMeanOverCategoriesWithDrafts) {
  // Category 0: one bin, mean score 0.5, IoU 0.8 and a wrong one. Category 2: wrong, score 0.9.
  const DetectionImage image{{{kObject, 0}, {kObject, 1}},
                             {{{0, 0, 10, 8}, 0, 0.5}, {kElsewhere, 0, 0.5}, {kElsewhere, 2, 0.9}}};
  EXPECT_NEAR(localisation_calibration_error({image}, 3), ((0.5 - 0.4) + 0.9) / 2, 1e-12);
}

TEST(LocalisationCalibrationError, IsTheDefinition) {
  Random random(5);
  constexpr int kBins = 25;
  std::vector<DetectionImage> images;
  std::vector<double> score, wanted;
  for (int i = 0; i < 400; ++i) {
    const auto height = static_cast<float>(1 + random.below(10));  // IoU height / 10
    score.push_back(random.uniform());
    wanted.push_back(height >= 5 ? height / 10 : 0);
    images.push_back({{{kObject, 0}}, {{{0, 0, 10, height}, 0, score.back()}}});
  }
  double error = 0;
  for (int b = 0; b < kBins; ++b) {
    double drafts = 0, scores = 0, ious = 0;
    for (size_t i = 0; i < score.size(); ++i) {
      if (std::floor(score[i] * kBins) != b) continue;
      ++drafts, scores += score[i], ious += wanted[i];
    }
    if (drafts > 0) error += drafts / 400 * std::abs(scores / drafts - ious / drafts);
  }
  EXPECT_NEAR(localisation_calibration_error(images, 1), error, 1e-7);
}

}  // namespace
}  // namespace preannotate
