#include "pipeline/recommendation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace preannotate {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Standing standing(const std::string& name, double log_loss, double images_per_s,
                  PairedDifference more_loss, PairedDifference more_right = {}) {
  return {name, log_loss, images_per_s, more_loss, more_right};
}

Recommendation recommended(const std::vector<Standing>& standings) {
  return recommend(standings, "accuracy");
}

TEST(Recommendation, IsTheFastestWithinTheNoiseOfTheBest) {
  const auto found = recommended({
      standing("lite2", 0.50, 60, {}),
      standing("lite1", 0.51, 90, {0.01, -0.02, 0.04}, {-0.004, -0.02, 0.01}),
      standing("lite0", 0.52, 132, {0.02, -0.01, 0.05}, {-0.018, -0.041, 0.004}),
      standing("random", 2.1, 140, {1.6, 1.5, 1.7}, {-0.6, -0.7, -0.5}),
  });
  EXPECT_EQ(found.chosen, 2u);
  EXPECT_EQ(found.reason,
            "2.2 times as fast as lite2, the best, and within its noise: log-loss +0.020 (95 % "
            "interval -0.010 to 0.050), accuracy -1.8 points (-4.1 to +0.4)");
}

TEST(Recommendation, IsTheBestWhereWhatIsFasterIsWorseBeyondNoise) {
  const auto found = recommended({
      standing("lite2", 0.50, 60, {}),
      standing("slow", 0.57, 20, {0.07, 0.04, 0.10}),
      standing("lite0", 0.58, 132, {0.08, 0.05, 0.11}, {-0.03, -0.05, -0.01}),
      standing("random", 2.1, 500, {1.6, 1.5, 1.7}, {-0.6, -0.7, -0.5}),
  });
  EXPECT_EQ(found.chosen, 0u);
  EXPECT_THAT(found.reason, AllOf(HasSubstr("the least log-loss; lite0 is 2.2 times as fast"),
                                  HasSubstr("worse beyond the noise"), HasSubstr("+0.080"),
                                  HasSubstr("-3.0 points")));
}

TEST(Recommendation, OfAboutEqualSpeedsIsTheLeastLogLoss) {
  const std::vector<Standing> alike{
      standing("a", 0.50, 95, {}),
      standing("b", 0.51, 100, {0.01, -0.02, 0.04}),
  };
  EXPECT_EQ(recommended(alike).chosen, 0u);
  EXPECT_EQ(recommended(alike).reason, "the least log-loss, and none is faster");
  auto faster = alike;
  faster[1].images_per_s = 110;
  EXPECT_EQ(recommended(faster).chosen, 1u);
}

TEST(Recommendation, OfOneIsThatOne) {
  const auto found = recommended({standing("a", 3, 1, {})});
  EXPECT_EQ(found.chosen, 0u);
  EXPECT_EQ(found.reason, "the only one that could be ranked");
}

}  // namespace
}  // namespace preannotate
