#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "preannotate/metrics/detection.h"

namespace preannotate {
namespace {

struct CocoCase {
  const char* name;
  int classes;
  std::vector<DetectionImage> images;
  std::vector<double> stats;  // as COCOeval.summarize() orders them
  std::vector<double> class_ap;
};

/// The figures are those that pycocotools 2.0.11 computed for these boxes
/// (scripts/bench/coco_equality.py does it for random ones).
const CocoCase kCases[] = {
    {"AFalseBoxAboveTheRightOne",
     1,
     {{{{{0, 0, 40, 40}, 0}}, {{{200, 200, 240, 240}, 0, 0.9}, {{0, 0, 40, 40}, 0, 0.8}}}},
     {0.5, 0.5, 0.5, -1, 0.5, -1, 0, 1, 1, -1, 1, -1},
     {0.5}},
    {"AFalseBoxBelowTheRightOneCostsNothing",
     1,
     {{{{{0, 0, 40, 40}, 0}}, {{{0, 0, 40, 40}, 0, 0.9}, {{200, 200, 240, 240}, 0, 0.8}}}},
     {1, 1, 1, -1, 1, -1, 1, 1, 1, -1, 1, -1},
     {1}},
    {"LooseBoxesAreRightUpToTheirIou",
     1,
     {{{{{0, 0, 40, 40}, 0}, {{100, 100, 140, 160}, 0}},
       {{{0, 0, 40, 32}, 0, 0.9}, {{100, 100, 140, 142}, 0, 0.8}}}},
     {0.60099009901, 1, 0.50495049505, -1, 0.60099009901, -1, 0.35, 0.6, 0.6, -1, 0.6, -1},
     {0.60099009901}},
    {"AnIouOnTheThresholdIsRight",
     1,
     {{{{{0, 0, 10, 10}, 0}, {{50, 50, 60, 60}, 0}},
       {{{0, 0, 10, 5}, 0, 0.9}, {{50, 50, 60, 57.5}, 0, 0.8}}}},
     {0.226237623762, 1, 0.252475247525, 0.226237623762, -1, -1, 0.05, 0.35, 0.35, 0.35, -1, -1},
     {0.226237623762}},
    {"ASecondBoxOnAnObjectIsFalse",
     1,
     {{{{{0, 0, 40, 40}, 0}, {{100, 100, 140, 160}, 0}},
       {{{0, 0, 40, 40}, 0, 0.9}, {{0, 0, 40, 38}, 0, 0.8}, {{100, 100, 140, 160}, 0, 0.7}}}},
     {0.83498349835, 0.83498349835, 0.83498349835, -1, 0.83498349835, -1, 0.5, 1, 1, -1, 1, -1},
     {0.83498349835}},
    {"DraftsOnACrowdAreLeftOut",
     1,
     {{{{{0, 0, 200, 200}, 0, true}, {{300, 300, 340, 340}, 0}},
       {{{10, 10, 50, 50}, 0, 0.9}, {{60, 60, 100, 100}, 0, 0.8}, {{300, 300, 340, 340}, 0, 0.7}}}},
     {1, 1, 1, -1, 1, -1, 0, 1, 1, -1, 1, -1},
     {1}},
    {"AnObjectComesBeforeTheCrowdAroundIt",
     1,
     {{{{{0, 0, 200, 200}, 0, true}, {{0, 0, 40, 40}, 0}},
       {{{0, 0, 40, 36}, 0, 0.9}, {{0, 4, 40, 40}, 0, 0.8}}}},
     {0.9, 1, 1, -1, 0.9, -1, 0.9, 0.9, 0.9, -1, 0.9, -1},
     {0.9}},
    {"EqualScoresKeepTheOrderOfTheInput",
     1,
     {{{{{0, 0, 40, 40}, 0}, {{100, 100, 140, 160}, 0}},
       {{{200, 200, 240, 240}, 0, 0.5}, {{0, 0, 40, 40}, 0, 0.5}}},
      {{{{0, 0, 40, 40}, 0}}, {{{0, 0, 40, 40}, 0, 0.5}, {{100, 100, 140, 160}, 0, 0.5}}},
      {{}, {{{0, 0, 40, 40}, 0, 0.5}}}},
     {0.442244224422, 0.442244224422, 0.442244224422, -1, 0.442244224422, -1, 0.333333333333,
      0.666666666667, 0.666666666667, -1, 0.666666666667, -1},
     {0.442244224422}},
    {"ImagesAndCategoriesWithoutAnything",
     4,
     {{{}, {}},
      {{{{0, 0, 40, 40}, 2}}, {{{0, 0, 40, 40}, 2, 0.9}, {{0, 0, 40, 40}, 1, 0.8}}},
      {{}, {{{100, 100, 140, 160}, 2, 0.95}}},
      {{{{100, 100, 140, 160}, 3}}, {}}},
     {0.25, 0.25, 0.25, -1, 0.25, -1, 0.5, 0.5, 0.5, -1, 0.5, -1},
     {-1, -1, 0.5, 0}},
    {"AreasOnTheEdgeBelongToBothSizes",
     1,
     {{{{{0, 0, 32, 32}, 0}, {{100, 0, 196, 96}, 0}, {{200, 0, 210, 10}, 0}},
       {{{0, 0, 32, 32}, 0, 0.9},
        {{100, 0, 196, 96}, 0, 0.8},
        {{200, 0, 210, 10}, 0, 0.7},
        {{300, 0, 332, 32}, 0, 0.85}}}},
     {0.834158415842, 0.834158415842, 0.834158415842, 0.83498349835, 0.83498349835, 1,
      0.333333333333, 1, 1, 1, 1, 1},
     {0.834158415842}},
    {"TheAreaOfAMaskDecidesTheSize",
     1,
     {{{{{0, 0, 40, 40}, 0, false, 900}, {{100, 100, 140, 160}, 0}},
       {{{0, 0, 40, 40}, 0, 0.9},
        {{100, 100, 140, 160}, 0, 0.8},
        {{200, 200, 240, 240}, 0, 0.95}}}},
     {0.666666666667, 0.666666666667, 0.666666666667, 1, 0.5, -1, 0, 1, 1, 1, 1, -1},
     {0.666666666667}},
    {"CategoriesAreMatchedApart",
     2,
     {{{{{0, 0, 40, 40}, 0}, {{100, 100, 140, 160}, 1}},
       {{{0, 0, 40, 40}, 1, 0.9}, {{100, 100, 140, 160}, 1, 0.8}}},
      {{{{0, 0, 40, 40}, 1}, {{100, 100, 140, 160}, 1}},
       {{{0, 0, 40, 33}, 1, 0.7}, {{100, 100, 140, 160}, 0, 0.6}}}},
     {0.1800330033, 0.221122112211, 0.221122112211, -1, 0.1800330033, -1, 0.116666666667,
      0.283333333333, 0.283333333333, -1, 0.283333333333, -1},
     {0, 0.360066006601}},
    {"MoreThanTenDraftsInAnImage",
     1,
     {{{{{0, 0, 40, 40}, 0},
        {{50, 0, 90, 40}, 0},
        {{100, 0, 140, 40}, 0},
        {{150, 0, 190, 40}, 0},
        {{200, 0, 240, 40}, 0},
        {{250, 0, 290, 40}, 0},
        {{300, 0, 340, 40}, 0},
        {{350, 0, 390, 40}, 0},
        {{400, 0, 440, 40}, 0},
        {{450, 0, 490, 40}, 0},
        {{500, 0, 540, 40}, 0},
        {{550, 0, 590, 40}, 0}},
       {{{0, 0, 40, 40}, 0, 0.9},
        {{50, 0, 90, 39}, 0, 0.88},
        {{100, 0, 140, 38}, 0, 0.86},
        {{150, 0, 190, 37}, 0, 0.84},
        {{200, 0, 240, 36}, 0, 0.82},
        {{250, 0, 290, 35}, 0, 0.8},
        {{300, 0, 340, 34}, 0, 0.78},
        {{350, 0, 390, 33}, 0, 0.76},
        {{400, 0, 440, 32}, 0, 0.74},
        {{450, 0, 490, 31}, 0, 0.72},
        {{500, 0, 540, 30}, 0, 0.7},
        {{550, 0, 590, 29}, 0, 0.68}}}},
     {0.792079207921, 1, 0.910891089109, -1, 0.792079207921, -1, 0.083333333333, 0.7,
      0.791666666667, -1, 0.791666666667, -1},
     {0.792079207921}},
    {"OfEqualIousTheLastObjectIsTaken",
     1,
     {{{{{0, 0, 40, 40}, 0}, {{0, 20, 40, 60}, 0}},
       {{{0, 10, 40, 50}, 0, 0.9}, {{0, 18, 40, 58}, 0, 0.8}}}},
     {0.30297029703, 0.50495049505, 0.252475247525, -1, 0.30297029703, -1, 0.15, 0.45, 0.45, -1,
      0.45, -1},
     {0.30297029703}},
};

std::vector<double> stats_of(const CocoFigures& f) {
  return {f.ap,  f.ap50, f.ap75,  f.ap_small, f.ap_medium, f.ap_large,
          f.ar1, f.ar10, f.ar100, f.ar_small, f.ar_medium, f.ar_large};
}

class CocoFiguresTest : public testing::TestWithParam<CocoCase> {};

TEST_P(CocoFiguresTest, AreThoseOfPycocotools) {
  const auto figures = coco_figures(GetParam().images, GetParam().classes);
  const auto near = [](const std::vector<double>& values) {
    std::vector<testing::Matcher<double>> matchers;
    for (const double value : values) matchers.push_back(testing::DoubleNear(value, 1e-9));
    return testing::ElementsAreArray(matchers);
  };
  EXPECT_THAT(stats_of(figures), near(GetParam().stats));
  EXPECT_THAT(figures.class_ap, near(GetParam().class_ap));
}

INSTANTIATE_TEST_SUITE_P(Cases, CocoFiguresTest, testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

/// A square of 40 px in cell (column, row).
Box cell(int column, int row) {
  const auto x = static_cast<float>(50 * column), y = static_cast<float>(50 * row);
  return {x, y, x + 40, y + 40};
}

TEST(CocoFigures, CountNoMoreThanTheBestHundredDraftsOfAnImageAndCategory) {
  DetectionImage image;
  for (int i = 0; i < 102; ++i) {
    image.truth.push_back({cell(i % 20, i / 20), 0});
    image.drafts.push_back({cell(i % 20, i / 20), 0, i / 200.0});
  }
  image.truth.push_back({cell(30, 30), 1});
  image.drafts.push_back({cell(30, 30), 1, 0.0});  // 103rd of the image, first of its category
  const auto figures = coco_figures({image}, 2);
  EXPECT_NEAR(figures.class_ar100[0], 100.0 / 102, 1e-12);
  EXPECT_NEAR(figures.class_ar100[1], 1, 1e-12);
}

TEST(CocoFigures, OfACategoryAreThoseOfItAlone) {
  const auto& both = kCases[11];
  ASSERT_STREQ(both.name, "CategoriesAreMatchedApart");
  auto images = both.images;
  for (auto& image : images) {
    std::erase_if(image.truth, [](const TruthBox& box) { return box.category == 0; });
    std::erase_if(image.drafts, [](const DraftBox& box) { return box.category == 0; });
  }
  const auto alone = coco_figures(images, 2), figures = coco_figures(both.images, 2);
  EXPECT_EQ(alone.class_ap[1], figures.class_ap[1]);
  EXPECT_EQ(alone.ap, figures.class_ap[1]);
  EXPECT_EQ(alone.ap50, figures.class_ap50[1]);
  EXPECT_EQ(alone.ar100, figures.class_ar100[1]);
}

TEST(CocoFigures, AreMinusOneWithoutAnythingToFind) {
  const DetectionImage drafts_only{{}, {{{0, 0, 40, 40}, 0, 0.9}}};
  using Images = std::vector<DetectionImage>;
  for (const auto& images : {Images(), Images(1), Images(2, drafts_only)}) {
    EXPECT_THAT(stats_of(coco_figures(images, 1)), testing::Each(-1.0));
    EXPECT_THAT(coco_figures(images, 1).class_ap, testing::ElementsAre(-1.0));
    EXPECT_THAT(stats_of(coco_figures(images, 0)), testing::Each(-1.0));
  }
}

}  // namespace
}  // namespace preannotate
