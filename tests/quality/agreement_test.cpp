#include "preannotate/quality/agreement.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace preannotate {
namespace {

/// What one and two say, position by position; -1: nothing.
std::vector<Ratings> ratings(const std::vector<std::vector<int>>& by_person) {
  std::vector<Ratings> rated(by_person[0].size());
  for (size_t person = 0; person < by_person.size(); ++person) {
    for (size_t i = 0; i < rated.size(); ++i) {
      if (by_person[person][i] >= 0)
        rated[i]["person " + std::to_string(person)] = by_person[person][i];
    }
  }
  return rated;
}

const std::vector<std::vector<int>> kTwo = {{0, 0, 1, 1, 2, 2, 0, 1, 2, 0, 1, 1},
                                            {0, 1, 1, 1, 2, 0, 0, 1, 2, 0, 2, 1}};

TEST(CohenKappaTest, IsScikitLearns) {
  // cohen_kappa_score of scikit-learn 1.9.1.
  EXPECT_NEAR(*cohen_kappa(ratings(kTwo)), 0.6170212765957447, 1e-12);
}

TEST(CohenKappaTest, IsOneWhenTheyAlwaysAgreeAndMinusOneWhenTheyNeverDo) {
  EXPECT_DOUBLE_EQ(*cohen_kappa(ratings({{0, 1, 2}, {0, 1, 2}})), 1);
  EXPECT_DOUBLE_EQ(*cohen_kappa(ratings({{0, 1, 0, 1}, {1, 0, 1, 0}})), -1);
}

TEST(CohenKappaTest, IsNotDefinedWithoutAChoice) {
  EXPECT_FALSE(cohen_kappa({}));
  EXPECT_FALSE(cohen_kappa(ratings({{1, 1, 1}, {1, 1, 1}})));
  EXPECT_FALSE(cohen_kappa(ratings({{0, -1}, {-1, 1}})));
}

TEST(CohenKappaTest, LeavesOutWhatOneDidNotRate) {
  EXPECT_DOUBLE_EQ(*cohen_kappa(ratings({{0, 1, 2, 0}, {0, 1, 2, -1}})), 1);
}

TEST(CohenKappaTest, IsOfTwoPeople) {
  EXPECT_THROW(cohen_kappa(ratings({{0}, {0}, {0}})), std::invalid_argument);
}

TEST(KrippendorffAlphaTest, IsThatOfItsAuthor) {
  // Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), part C: four observers, 12
  // units, values missing: 0.743. Digits by the package krippendorff 0.9.0.
  const auto rated = ratings({{1, 2, 3, 3, 2, 1, 4, 1, 2, -1, -1, -1},
                              {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, -1, 3},
                              {-1, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, -1},
                              {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, -1}});
  EXPECT_NEAR(*krippendorff_alpha(rated), 0.743421052631579, 1e-12);
  EXPECT_NEAR(*krippendorff_alpha(ratings(kTwo)), 0.6329787234042552, 1e-12);
}

TEST(KrippendorffAlphaTest, IsNotDefinedWithoutAChoice) {
  EXPECT_FALSE(krippendorff_alpha({}));
  EXPECT_FALSE(krippendorff_alpha(ratings({{1, 1}, {1, 1}})));
  EXPECT_FALSE(krippendorff_alpha(ratings({{0, -1}, {-1, 1}})));
}

TruthBox box(float x, int category = 0) {
  return {Box{x, 0, x + 10, 10}, category, false, 0};
}

TEST(BoxAgreementTest, IsTheMeanOverImagesOfTheShareOfBoxesThatFindAPartner) {
  const auto agreement =
      box_agreement({{{box(0), box(100)}, {box(0)}}, {{box(0)}, {box(0, 1)}}, {{}, {}}});
  EXPECT_DOUBLE_EQ(agreement->f1, (2.0 / 3 + 0 + 1) / 3);
  EXPECT_DOUBLE_EQ(agreement->iou, 1);
}

TEST(BoxAgreementTest, IouEqualToOneHalfIsAMatch) {
  const TruthBox half{Box{0, 0, 10, 5}, 0, false, 0}, less{Box{0, 0, 10, 4.9f}, 0, false, 0};
  EXPECT_DOUBLE_EQ(box_agreement({{{box(0)}, {half}}})->iou, 0.5);
  EXPECT_DOUBLE_EQ(box_agreement({{{box(0)}, {less}}})->f1, 0);
  EXPECT_DOUBLE_EQ(box_agreement({{{box(0)}, {less}}})->iou, 0);
}

TEST(BoxAgreementTest, EachBoxHasOnePartnerTheNearest) {
  const auto agreement = box_agreement({{{box(0), box(1)}, {box(1)}}});
  EXPECT_DOUBLE_EQ(agreement->f1, 2.0 / 3);
  EXPECT_DOUBLE_EQ(agreement->iou, 1);
}

TEST(BoxAgreementTest, IsNotDefinedWithoutAPair) {
  EXPECT_FALSE(box_agreement({}));
}

}  // namespace
}  // namespace preannotate
