#include "preannotate/quality/promotion.h"

#include <gtest/gtest.h>

#include "preannotate/core/random.h"

namespace preannotate {
namespace {

std::vector<bool> repeated(std::vector<std::pair<int, bool>> parts) {
  std::vector<bool> all;
  for (const auto& [count, right] : parts) all.insert(all.end(), count, right);
  return all;
}

/// Labels that agree as often as the confidence says, of which `wrong` were replaced.
std::vector<JudgedLabel> drawn(size_t count, double least, double most, double wrong,
                               Random& random) {
  std::vector<JudgedLabel> labels;
  for (size_t i = 0; i < count; ++i) {
    const double confidence = least + (most - least) * random.uniform();
    const bool right = random.uniform() < confidence;
    labels.push_back({confidence, random.uniform() >= wrong && right});
  }
  return labels;
}

TEST(ClassChange, TheSignTestCountsImagesThatChanged) {
  const auto lost = class_change(repeated({{20, true}}), repeated({{15, true}, {5, false}}));
  EXPECT_EQ(lost.lost, 5);
  EXPECT_DOUBLE_EQ(lost.drop, 0.25);
  EXPECT_NEAR(lost.chance, 1.0 / 32, 1e-12);
  const auto both = class_change(repeated({{4, true}, {1, false}, {15, true}}),
                                 repeated({{3, false}, {17, true}}));
  EXPECT_EQ(both.lost, 3);
  EXPECT_EQ(both.won, 1);
  EXPECT_NEAR(both.chance, 5.0 / 16, 1e-12);
  EXPECT_DOUBLE_EQ(class_change({}, {}).chance, 1);
}

TEST(ClassChange, ADropThatChanceExplainsIsNotWorse) {
  const auto four = class_change(repeated({{20, true}}), repeated({{16, true}, {4, false}}));
  const auto five = class_change(repeated({{20, true}}), repeated({{15, true}, {5, false}}));
  EXPECT_FALSE(is_worse(four, 0.05)) << "four coins fall alike once in sixteen";
  EXPECT_TRUE(is_worse(five, 0.05));
  EXPECT_FALSE(is_worse(five, 0.25)) << "as much as is allowed";
}

TEST(WrongShare, HardImagesAreNotTakenForWrongAnswers) {
  Random random(1);
  double sum = 0;
  int accused = 0;
  for (int i = 0; i < 200; ++i) {
    const auto wrong = wrong_share(drawn(150, 0.3, 0.7, 0, random), drawn(250, 0.3, 1, 0, random));
    sum += wrong.value;
    accused += wrong.low > 0.1;
  }
  EXPECT_LT(sum / 200, 0.07);
  EXPECT_LE(accused, 6);
}

TEST(WrongShare, FindsTheShareThatIsWrong) {
  Random random(2);
  double sum = 0;
  int seen = 0, above = 0;
  for (int i = 0; i < 200; ++i) {
    const auto wrong = wrong_share(drawn(150, 0.6, 1, 0.3, random), drawn(200, 0.6, 1, 0, random));
    sum += wrong.value;
    seen += wrong.low > 0.1;
    above += wrong.low > 0.3;
  }
  EXPECT_NEAR(sum / 200, 0.3, 0.02);
  EXPECT_GE(seen, 185);
  EXPECT_LE(above, 20) << "the limit is one of 95 %";
}

TEST(WrongShare, FewLabelsSayNothing) {
  Random random(3);
  const auto wrong = wrong_share(drawn(39, 0.6, 1, 0.5, random), drawn(200, 0.6, 1, 0, random));
  EXPECT_EQ(wrong.low, 0);
  EXPECT_EQ(wrong.high, 1);
}

}  // namespace
}  // namespace preannotate
