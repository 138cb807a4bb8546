#include "pipeline/precision_trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace preannotate {
namespace {

using testing::ElementsAre;

PrecisionTrial trial(Precision precision, bool passed, double speed) {
  PrecisionTrial trial;
  trial.precision = precision;
  trial.passed = passed;
  trial.speed = speed;
  return trial;
}

TEST(PrecisionTrial, TheFastestThatPassedComesLast) {
  EXPECT_THAT(passed({}), ElementsAre(Precision::kFp32));
  EXPECT_THAT(passed({trial(Precision::kBf16, true, 2), trial(Precision::kInt8, true, 3)}),
              ElementsAre(Precision::kFp32, Precision::kBf16, Precision::kInt8));
  EXPECT_THAT(passed({trial(Precision::kBf16, true, 2), trial(Precision::kInt8, false, 3)}),
              ElementsAre(Precision::kFp32, Precision::kBf16));
  EXPECT_THAT(passed({trial(Precision::kBf16, false, 2), trial(Precision::kInt8, true, 3)}),
              ElementsAre(Precision::kFp32, Precision::kInt8));
}

TEST(PrecisionTrial, ACoarserOneHasToPay) {
  EXPECT_THAT(passed({trial(Precision::kBf16, true, 1.02)}), ElementsAre(Precision::kFp32));
  EXPECT_THAT(passed({trial(Precision::kBf16, true, 2), trial(Precision::kInt8, true, 2.05)}),
              ElementsAre(Precision::kFp32, Precision::kBf16));
}

}  // namespace
}  // namespace preannotate
